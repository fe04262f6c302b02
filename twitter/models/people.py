"""The people of the company, known to every app, and who follows whom."""

from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.contrib.auth.models import UserManager as BaseUserManager
from django.core.validators import MaxLengthValidator
from django.db import models, transaction
from django.dispatch import Signal
from django.utils.translation import gettext_lazy as _

from twitter.models.addresses import media_url
from twitter.models.text import storable_text

LONGEST_ABOUT = 300

REMEMBERED = {"name", "avatar", "is_active", "is_staff", "is_superuser"}
"""What is remembered of people between calls."""

person_changed = Signal()
"""What was remembered of people and keys is no longer so. Sent after the commit; no arguments."""


class PersonQuerySet(models.QuerySet["User"]):
    def present(self) -> "PersonQuerySet":
        """Those who have not left, by name."""
        return self.filter(is_active=True).order_by("name", "id")

    def followers_of(self, person: "User") -> "PersonQuerySet":
        return self.present().filter(follows__followed=person)

    def followed_by(self, person: "User") -> "PersonQuerySet":
        return self.present().filter(followings__follower=person)

    def seen_by(self, person: "User") -> "PersonQuerySet":
        """Tell of each whether `person` follows them, as `is_followed`."""
        mine = Follow.objects.filter(follower=person, followed=models.OuterRef("pk"))
        return self.annotate(is_followed=models.Exists(mine))

    def named(self, text: str) -> "PersonQuerySet":
        """Those whose name or sign-in name begins with `text`: what completes a mention."""
        wanted = models.Q(username__istartswith=text)
        # SQLite knows the case of Latin letters only.
        for form in {text, text.capitalize()}:
            wanted |= models.Q(name__istartswith=form) | models.Q(name__icontains=f" {form}")
        return self.present().filter(wanted)


PeopleManager = BaseUserManager.from_queryset(PersonQuerySet)


class UserManager(PeopleManager["User"]):
    use_in_migrations = False


class User(AbstractUser):
    """A person, under one name everywhere: the sign-in name until another is given."""

    first_name = None  # type: ignore[assignment]  # one name, as people write it
    last_name = None  # type: ignore[assignment]

    name = models.CharField(_("name"), max_length=100, blank=True, validators=[storable_text])
    about = models.TextField(
        _("about"), blank=True, validators=[MaxLengthValidator(LONGEST_ABOUT), storable_text]
    )
    language = models.CharField(
        _("language"),
        max_length=10,
        blank=True,
        choices=settings.LANGUAGES,
        help_text=_("Chosen at the foot of any page; bots speak it too."),
    )
    avatar = models.FileField(_("avatar"), blank=True, upload_to="avatars/", editable=False)
    followers_count = models.PositiveIntegerField(_("followers"), default=0, editable=False)
    following_count = models.PositiveIntegerField(_("follows"), default=0, editable=False)

    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")

    def __str__(self) -> str:
        return self.name or self.username

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.name = self.name or self.username
        super().save(*args, **kwargs)
        if not REMEMBERED.isdisjoint(kwargs.get("update_fields") or REMEMBERED):
            transaction.on_commit(tell_of_change)

    @property
    def avatar_url(self) -> str:
        return media_url(self.avatar.name)

    @property
    def initials(self) -> str:
        """One or two letters to know a person by where there is no picture."""
        return "".join(word[0] for word in self.name.split()[:2]).upper()

    @property
    def hue(self) -> int:
        """One of eight colours, the same for ever."""
        return self.pk % 8

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name.partition(" ")[0]


class Follow(models.Model):
    follower = models.ForeignKey(
        User,
        verbose_name=_("follower"),
        on_delete=models.CASCADE,
        related_name="follows",
        db_index=False,  # the constraint has one
    )
    followed = models.ForeignKey(
        User, verbose_name=_("followed"), on_delete=models.CASCADE, related_name="followings"
    )
    created_at = models.DateTimeField(_("since"), auto_now_add=True)

    class Meta:
        verbose_name = _("follow")
        verbose_name_plural = _("follows")
        constraints = [
            models.UniqueConstraint(fields=["follower", "followed"], name="follow_once"),
            models.CheckConstraint(
                condition=~models.Q(follower=models.F("followed")), name="follow_another"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.follower_id} → {self.followed_id}"


def tell_of_change() -> None:
    person_changed.send(sender=User)
