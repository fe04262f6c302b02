"""Previews of links: https://tasks.example/12 shows what the task is about."""

import re

from django.utils.translation import gettext as _

from bots.filters import F
from bots.router import Router
from bots.types import LinkShared

TASK = re.compile(r"https://tasks\.example/(\d{1,9})$")

router = Router("unfurl")


@router.link_shared(F.links[...].domain == "tasks.example")
async def unfurl(link_shared: LinkShared) -> None:
    found = [match for link in link_shared.links if (match := TASK.match(link.url))]
    previews = {
        match.group(): {
            "title": _("Task %(number)s") % {"number": match.group(1)},
            "description": _("Here a tracker would say what it is about."),
        }
        for match in found
    }
    if previews:
        link_shared.unfurl(previews)
