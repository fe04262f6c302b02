"""The context value `user`: the user linked to the author of the event, or None."""

from typing import Any

from asgiref.sync import sync_to_async

from bots.framework.routing.injection import Context, context_value
from bots.models import PachcaAccount


@context_value("user")
async def _user(context: Context) -> Any:
    person_of = sync_to_async(PachcaAccount.objects.person_of)
    return await person_of(context["bot"], context["event"].writer_id)
