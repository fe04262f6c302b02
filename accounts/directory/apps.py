"""Directory sync, an app of its own inside `accounts`."""

from django.apps import AppConfig
from django.db.models.signals import post_save
from django.utils.translation import gettext_lazy as _


class DirectoryConfig(AppConfig):
    name = "accounts.directory"
    verbose_name = _("Directory sync")

    def ready(self) -> None:
        from accounts.directory import models  # noqa: PLC0415  models exist now
        from accounts.signals import account_deleted  # noqa: PLC0415
        from twitter.models import User  # noqa: PLC0415
        from twitter.signals import person_left  # noqa: PLC0415

        uid = "accounts.directory"
        account_deleted.connect(models.forget_person, dispatch_uid=uid)
        person_left.connect(models.forget_block, dispatch_uid=uid)
        post_save.connect(models.forget_block_of_active, sender=User, dispatch_uid=uid)
