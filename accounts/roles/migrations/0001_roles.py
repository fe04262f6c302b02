"""The groups of the roles, as definitions.py described them when this was written."""

from django.db import migrations

# Group names, and the permissions of each: app, dot, codename.
ROLES = {
    "Читатели": """
    """,
    "Авторы": """
        twitter.post_tweet
    """,
    "Модераторы": """
        twitter.moderate twitter.post_tweet twitter.view_hashtag twitter.view_media
        twitter.view_tweet twitter.view_user
    """,
    "Редакторы автоматизации": """
        bots.add_broadcast bots.add_command bots.change_broadcast bots.change_command
        bots.change_service bots.delete_broadcast bots.delete_command bots.view_bot
        bots.view_broadcast bots.view_command bots.view_service twitter.post_tweet
    """,
    "Операторы": """
        audit.view_auditevent bots.change_delivery bots.change_service bots.change_update
        bots.view_apicall bots.view_blockingfunction bots.view_bot bots.view_broadcast
        bots.view_command bots.view_conversation bots.view_delivery bots.view_service
        bots.view_update realtime.change_connection realtime.view_connection tts.change_audio
        tts.change_speech tts.view_audio tts.view_speech twitter.post_tweet
    """,
    "Администраторы": """
        accounts.add_invitation accounts.change_invitation accounts.delete_invitation
        accounts.view_invitation audit.view_auditevent auth.view_group bots.add_apicall bots.add_blockingfunction
        bots.add_bot bots.add_broadcast bots.add_command bots.add_conversation bots.add_delivery
        bots.add_linkcode bots.add_minute bots.add_pachcaaccount bots.add_recipient
        bots.add_service bots.add_update bots.change_apicall bots.change_blockingfunction
        bots.change_bot bots.change_broadcast bots.change_command bots.change_conversation
        bots.change_delivery bots.change_linkcode bots.change_minute bots.change_pachcaaccount
        bots.change_recipient bots.change_service bots.change_update bots.delete_apicall
        bots.delete_blockingfunction bots.delete_bot bots.delete_broadcast bots.delete_command
        bots.delete_conversation bots.delete_delivery bots.delete_linkcode bots.delete_minute
        bots.delete_pachcaaccount bots.delete_recipient bots.delete_service bots.delete_update
        bots.view_apicall bots.view_blockingfunction bots.view_bot bots.view_broadcast
        bots.view_command bots.view_conversation bots.view_delivery bots.view_linkcode
        bots.view_minute bots.view_pachcaaccount bots.view_recipient bots.view_service
        bots.view_update realtime.change_connection realtime.view_connection tts.add_audio
        tts.add_speech tts.change_audio tts.change_speech tts.delete_audio tts.delete_speech
        tts.view_audio tts.view_speech twitter.add_apikey twitter.add_bookmark twitter.add_follow
        twitter.add_hashtag twitter.add_like twitter.add_media twitter.add_mention
        twitter.add_notification twitter.add_tagging twitter.add_tweet twitter.add_user
        twitter.change_apikey twitter.change_bookmark twitter.change_follow twitter.change_hashtag
        twitter.change_like twitter.change_media twitter.change_mention
        twitter.change_notification twitter.change_tagging twitter.change_tweet
        twitter.change_user twitter.delete_apikey twitter.delete_bookmark twitter.delete_follow
        twitter.delete_hashtag twitter.delete_like twitter.delete_media twitter.delete_mention
        twitter.delete_notification twitter.delete_tagging twitter.delete_tweet
        twitter.delete_user twitter.moderate twitter.post_tweet twitter.view_apikey
        twitter.view_bookmark twitter.view_follow twitter.view_hashtag twitter.view_like
        twitter.view_media twitter.view_mention twitter.view_notification twitter.view_tagging
        twitter.view_tweet twitter.view_user
    """,
}
NAMES = {"twitter.post_tweet": "Can post, reply, repost and upload pictures"}
# The models whose permissions are not called by an action and the name of the model.
MODELS = {"moderate": "tweet"}
OLD = "Модераторы"  # made by twitter.0006


def make(apps, schema_editor):
    for name, permissions in ROLES.items():
        group, _ = apps.get_model("auth", "Group").objects.get_or_create(name=name)
        group.permissions.add(*(find_permission(apps, each) for each in permissions.split()))


def find_permission(apps, name):
    """Return a permission; Django makes them after all migrations, and leaves what it finds."""
    app, codename = name.split(".")
    model = MODELS.get(codename, codename.rpartition("_")[2])
    kind, _ = apps.get_model("contenttypes", "ContentType").objects.get_or_create(
        app_label=app, model=model
    )
    default = NAMES.get(name, f"Can {codename.replace('_', ' ')}")
    return apps.get_model("auth", "Permission").objects.get_or_create(
        content_type=kind, codename=codename, defaults={"name": default}
    )[0]


def remove(apps, schema_editor):
    apps.get_model("auth", "Group").objects.filter(name__in=ROLES.keys() - {OLD}).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_invitations"),
        ("audit", "0001_audit_event"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("twitter", "0021_readers"),
    ]
    operations = [migrations.RunPython(make, remove)]
