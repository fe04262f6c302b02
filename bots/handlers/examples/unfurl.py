"""Previews of links: https://tasks.example/12 shows what the task is about."""

import re

from django.utils.translation import gettext as _

from bots import F, LinkShared, Router

TASK = re.compile(r"https://tasks\.example/(\d{1,9})$")

router = Router("unfurl")


@router.link_shared(F.links[...].domain == "tasks.example")
async def unfurl(link_shared: LinkShared) -> None:
    found = [match for link in link_shared.links if (match := TASK.match(link.url))]
    previews = {
        match.group(): {
            "title": _("Task %(number)s") % {"number": match.group(1)},
            "description": _("An issue tracker would show the summary here."),
        }
        for match in found
    }
    if previews:
        link_shared.unfurl(previews)
