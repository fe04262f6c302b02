"""The pages on which people get a copy of their data, and delete their account."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.privacy.actions import request_export
from accounts.privacy.deletion import request_deletion
from accounts.privacy.forms import DeletionForm
from accounts.privacy.models import FILE_LIFETIME, DataExport
from accounts.reauthentication import require_confirmation
from twitter.pages.rendering import current_user


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def own_data(request: HttpRequest) -> HttpResponse:
    """Show the latest copy; a POST asks for a new one."""
    person = current_user(request)
    if request.method == "POST":
        request_export(person)
        return redirect("own-data")
    latest = DataExport.objects.filter(person=person).first()
    context = {"export": latest, "days": FILE_LIFETIME.days}
    return render(request, "accounts/own_data.html", context)


@never_cache
@require_safe
@login_required
def download(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Send the file to its owner, until it expires."""
    export = get_object_or_404(DataExport.objects.downloadable_by(request.user), pk=pk)
    try:
        file = default_storage.open(str(export.file.name))
    except FileNotFoundError as error:
        raise Http404 from error
    day = export.created_at.date().isoformat()
    return FileResponse(file, as_attachment=True, filename=f"svyaz-{day}.zip")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@require_confirmation
def delete_account(request: HttpRequest) -> HttpResponse:
    """Say what is deleted and what stays; a POST with the username deletes the account."""
    person = current_user(request)
    form = DeletionForm(person, request.POST or None)
    if form.is_valid():
        try:
            request_deletion(person)
        except PermissionDenied as error:
            form.add_error(None, str(error))
        else:
            logout(request)
            messages.success(request, _("Your account is being deleted. Goodbye!"))
            return redirect("login")
    context = {
        "form": form,
        "audit_days": settings.AUDIT_KEEP_DAYS,
        "can_send": settings.EMAIL_IS_CONFIGURED and person.email,
    }
    return render(request, "accounts/delete_account.html", context)
