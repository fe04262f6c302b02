"""The users of all apps (AUTH_USER_MODEL), and who follows whom."""

from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.contrib.auth.models import UserManager as BaseUserManager
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.db import models, transaction
from django.dispatch import Signal
from django.utils.translation import gettext_lazy as _

from twitter.models.addresses import media_url
from twitter.text.normal import (
    fold,
    fold_username,
    honest_name,
    normalize,
    normalize_name,
    storable_text,
    visible_text,
)

MAX_ABOUT_LENGTH = 300
MAX_FOLDING = 3
"""The largest number of characters that case folding makes of one (of ΐ, for example)."""

TEXT_FIELDS = {"username", "name", "about"}

CACHED_FIELDS = {"name", "avatar", "is_active", "is_staff", "is_superuser", "is_reader"}
"""The fields that the API caches between calls."""

person_changed = Signal()
"""Cached fields of a person or key changed. Sent after the commit, without arguments."""


class PersonQuerySet(models.QuerySet["User"]):
    """Queries of users."""

    def present(self) -> "PersonQuerySet":
        """Filter people whose account was not ended or blocked, ordered by name."""
        return self.filter(is_active=True).order_by("name", "id")

    def followers_of(self, person: "User") -> "PersonQuerySet":
        """Filter active people who follow `person`, ordered by name."""
        return self.present().filter(follows__followed=person)

    def followed_by(self, person: "User") -> "PersonQuerySet":
        """Filter active people whom `person` follows, ordered by name."""
        return self.present().filter(followings__follower=person)

    def with_viewer(self, person: "User") -> "PersonQuerySet":
        """Annotate `is_followed`: whether `person` follows them."""
        mine = Follow.objects.filter(follower=person, followed=models.OuterRef("pk"))
        return self.annotate(is_followed=models.Exists(mine))

    def with_username(self, *usernames: str) -> "PersonQuerySet":
        """Filter people by username, ignoring case."""
        return self.filter(username_folded__in=[fold_username(each) for each in usernames])

    def named(self, text: str) -> "PersonQuerySet":
        """Filter active people whose username or a word of whose name starts with `text`.

        Case is ignored.
        """
        name = fold(normalize_name(text))
        return self.present().filter(
            models.Q(username_folded__startswith=fold_username(text))
            | models.Q(name_folded__startswith=name)
            | models.Q(name_folded__contains=f" {name}")
        )


PeopleManager = BaseUserManager.from_queryset(PersonQuerySet)


class UserManager(PeopleManager["User"]):
    """Creates users, and finds them by username ignoring case."""

    use_in_migrations = False

    def get_by_natural_key(self, username: str | None) -> "User":
        """Return the person who signs in with this username, ignoring case."""
        return self.get(username_folded=fold_username(username or ""))

    async def aget_by_natural_key(self, username: str | None) -> "User":
        """Do the same as `get_by_natural_key`."""
        return await self.aget(username_folded=fold_username(username or ""))


class User(AbstractUser):
    """A person. `name` is shown everywhere; it defaults to the username."""

    first_name = None  # type: ignore[assignment]  # people have a single `name`
    last_name = None  # type: ignore[assignment]

    username = models.CharField(
        _("username"),
        max_length=150,
        unique=True,
        help_text=_("At most 150 characters: letters, digits and @ . + - _"),
        validators=[UnicodeUsernameValidator(), visible_text],
        error_messages={"unique": _("A user with that username already exists.")},
    )
    # NULL in rows that a process of the previous version added, until the sweep fills it in.
    username_folded = models.CharField(  # noqa: DJ001  it is unique
        max_length=150 * MAX_FOLDING, unique=True, null=True, editable=False
    )
    name = models.CharField(
        _("name"), max_length=100, blank=True, validators=[storable_text, honest_name]
    )
    name_folded = models.CharField(
        max_length=100 * MAX_FOLDING, default="", db_default="", editable=False
    )
    about = models.TextField(
        _("about"), blank=True, validators=[MaxLengthValidator(MAX_ABOUT_LENGTH), storable_text]
    )
    language = models.CharField(
        _("language"),
        max_length=10,
        blank=True,
        choices=settings.LANGUAGES,
        help_text=_("Set at the bottom of any page. Bots use it, too."),
    )
    avatar = models.FileField(_("avatar"), blank=True, upload_to="avatars/", editable=False)
    # Follows from the groups: whether the only role is that of a reader, who does not post.
    is_reader = models.BooleanField(
        _("reads only"), default=False, db_default=False, editable=False
    )
    followers_count = models.PositiveIntegerField(_("followers"), default=0, editable=False)
    following_count = models.PositiveIntegerField(_("follows"), default=0, editable=False)

    objects: ClassVar[UserManager] = UserManager()

    key_scopes: frozenset[str] | None = None
    """What the API key that was shown for the person allows; None without a key."""

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")

    def __str__(self) -> str:
        """Return the name and, because names are not unique, the username."""
        return f"{self.name} @{self.username}" if self.name else f"@{self.username}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save the person after normalising the text fields and updating the folded names."""
        fields = kwargs.get("update_fields")
        if fields is None or not TEXT_FIELDS.isdisjoint(fields):
            self.fold_names()
        if fields is not None:
            folded = {f"{name}_folded" for name in ("username", "name") if name in fields}
            kwargs["update_fields"] = {*fields, *folded}
        super().save(*args, **kwargs)
        if not CACHED_FIELDS.isdisjoint(kwargs.get("update_fields") or CACHED_FIELDS):
            transaction.on_commit(send_person_changed)

    def fold_names(self) -> None:
        """Normalise the text fields and set the folded names that lookups compare."""
        self.name = normalize_name(self.name) or self.username
        self.about = normalize(self.about)
        self.username_folded, self.name_folded = fold_username(self.username), fold(self.name)

    def validate_unique(self, exclude: Any = None) -> None:
        """Raise ValidationError also if another username differs in case alone."""
        super().validate_unique(exclude)
        if "username" in (exclude or ()):
            return
        if User.objects.exclude(pk=self.pk).with_username(self.username).exists():
            raise ValidationError({"username": self.unique_error_message(User, ("username",))})

    @property
    def avatar_url(self) -> str:
        """The URL path of the avatar, "" if there is none."""
        return media_url(self.avatar.name)

    @property
    def initials(self) -> str:
        """One or two letters, shown in place of a missing avatar."""
        return "".join(word[0] for word in self.name.split()[:2]).upper()

    @property
    def hue(self) -> int:
        """The number of the person's colour, 0 to 7; it never changes."""
        return self.pk % 8

    def get_full_name(self) -> str:
        """Return the name."""
        return self.name

    def get_short_name(self) -> str:
        """Return the first word of the name."""
        return self.name.partition(" ")[0]


class Follow(models.Model):
    """`follower` follows `followed`."""

    follower = models.ForeignKey(
        User,
        verbose_name=_("follower"),
        on_delete=models.CASCADE,
        related_name="follows",
        db_index=False,  # the constraint has one
    )
    followed = models.ForeignKey(
        User, verbose_name=_("followed user"), on_delete=models.CASCADE, related_name="followings"
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


def send_person_changed() -> None:
    """Send `person_changed`; call it after the commit."""
    person_changed.send(sender=User)
