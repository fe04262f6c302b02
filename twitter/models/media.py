"""Pictures, which are uploaded first and then attached to a tweet of the same person."""

from datetime import timedelta

from django.conf import settings
from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from twitter.models.addresses import media_url
from twitter.models.people import User
from twitter.models.tweets import Tweet
from twitter.text.normal import storable_text

MAX_MEDIA = 10
MAX_ALT_LENGTH = 1000


class MediaQuerySet(models.QuerySet["Media"]):
    """Queries of uploaded pictures."""

    def unclaimed_by(self, person: User) -> "MediaQuerySet":
        """Filter uploads of a person that are not attached to a tweet."""
        return self.filter(owner=person, tweet=None)

    def expired(self) -> "MediaQuerySet":
        """Filter uploads that were not attached to a tweet within UPLOADS_KEPT_HOURS."""
        until = timezone.now() - timedelta(hours=settings.UPLOADS_KEPT_HOURS)
        return self.filter(tweet=None, created_at__lt=until)

    def without_thumbnail(self) -> "MediaQuerySet":
        """Filter pictures whose thumbnail is still to be created."""
        return self.filter(thumbnail="", is_broken=False)

    def served(self) -> "MediaQuerySet":
        """Filter pictures that anyone may open: those of hidden tweets are excluded."""
        return self.filter(Q(tweet=None) | Q(tweet__hidden_at=None))


class Media(models.Model):
    """An uploaded picture with its description and dimensions in pixels."""

    owner = models.ForeignKey(
        User, verbose_name=_("owner"), on_delete=models.CASCADE, related_name="media"
    )
    tweet = models.ForeignKey(
        Tweet, verbose_name=_("tweet"), on_delete=models.CASCADE, null=True, related_name="media"
    )
    position = models.PositiveSmallIntegerField(default=0)
    token = models.CharField(max_length=40, unique=True, editable=False)
    file = models.FileField(_("uploaded picture"), upload_to="tweets/")
    thumbnail = models.FileField(_("thumbnail"), upload_to="tweets/thumbnails/", blank=True)
    is_broken = models.BooleanField(
        default=False, editable=False, help_text=_("The thumbnail could not be created.")
    )
    kind = models.CharField(_("type"), max_length=20)
    size = models.PositiveIntegerField(_("bytes"))
    width = models.PositiveIntegerField(_("width"))
    height = models.PositiveIntegerField(_("height"))
    alt = models.TextField(
        _("description"), blank=True, validators=[MaxLengthValidator(MAX_ALT_LENGTH), storable_text]
    )
    created_at = models.DateTimeField(_("uploaded"), default=timezone.now)

    objects = MediaQuerySet.as_manager()

    class Meta:
        verbose_name = _("uploaded picture")
        verbose_name_plural = _("uploaded pictures")
        ordering = ["position", "id"]
        indexes = [
            models.Index(fields=["created_at"], name="media_unclaimed", condition=Q(tweet=None)),
            models.Index(
                fields=["id"], name="media_unscaled", condition=Q(thumbnail="", is_broken=False)
            ),
        ]

    def __str__(self) -> str:
        return self.alt[:60] or f"#{self.pk}"

    @property
    def url(self) -> str:
        """The URL path of the picture."""
        return media_url(self.file.name)

    @property
    def thumbnail_url(self) -> str:
        """The URL path of the thumbnail, or of the picture until the thumbnail is ready."""
        return media_url(self.thumbnail.name or self.file.name)
