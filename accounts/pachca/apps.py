"""Sign-in with Pachca, an app of its own inside `accounts`."""

from django.apps import AppConfig
from django.db.models.signals import pre_save
from django.utils.translation import gettext_lazy as _


class PachcaConfig(AppConfig):
    name = "accounts.pachca"
    verbose_name = _("Sign-in with Pachca")

    def ready(self) -> None:
        from accounts.pachca.grants import forget_when_moved  # noqa: PLC0415  models can be imported
        from accounts.pachca.unlinking import keep_a_way_to_sign_in  # noqa: PLC0415
        from bots.signals import pre_unlink  # noqa: PLC0415

        pre_save.connect(
            forget_when_moved, sender="bots.PachcaAccount", dispatch_uid="accounts.pachca.grants"
        )
        pre_unlink.connect(keep_a_way_to_sign_in, dispatch_uid="accounts.pachca.unlinking")
