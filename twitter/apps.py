from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TwitterConfig(AppConfig):
    name = "twitter"
    verbose_name = _("Microblog")
