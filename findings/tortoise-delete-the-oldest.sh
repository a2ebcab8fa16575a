#!/usr/bin/env bash
# tortoise-orm 1.1.9: "delete the two oldest carts" deletes all carts, on SQLite as on PostgreSQL.
#
# Expected: the reference of QuerySet.limit says that it limits the query set to the given length, and of delete() and
# update() that all objects in the query set are meant: carts ordered by time, limited to two, are two, for count() and
# exists() too. The list of changes says that delete() was made to work with limit() and order_by() in 0.17.2. Django
# 5.2.19, whose query sets Tortoise's are modelled on, refuses to delete or update once there is a limit.
#
# What happens: limit and order are written into the statement for databases that have DELETE ... LIMIT (MySQL), and
# left out for the others (SQLite, PostgreSQL, SQL Server), without an error or a warning: DELETE FROM "cart". The
# number returned is that of all rows.
#
# For a user: a job that clears old carts or takes the next ten of a queue in hand does so with all of them, and who
# moves from MySQL to PostgreSQL finds out there. (The update was reported for PostgreSQL in 2022.) Fetch the keys
# first, and delete by them, as below.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check tortoise-orm==1.1.9 Django==5.2.19
cat >"$folder/shop.py" <<'PYTHON'
import asyncio

from tortoise import Tortoise, fields
from tortoise.backends.base_postgres.client import BasePostgresClient
from tortoise.models import Model


class Cart(Model):
    id = fields.IntField(primary_key=True)
    placed = fields.IntField()
    state = fields.TextField(default="open")


async def filled():
    await Cart.all().delete()
    await Cart.bulk_create([Cart(placed=day) for day in (5, 4, 3, 2, 1)])
    return Cart.all().order_by("placed").limit(2)


async def days(carts):
    return sorted(await carts.values_list("placed", flat=True))


async def by_tortoise():
    await Tortoise.generate_schemas()
    oldest = await filled()
    assert await days(oldest) == [1, 2] and await oldest.count() == 2
    changed = await oldest.update(state="taken")
    taken = await days(Cart.filter(state="taken"))
    print(f"two are to be taken: {oldest.update(state='taken').sql()}: {changed} changed, {taken}")
    assert (changed, taken) == (5, [1, 2, 3, 4, 5]), "the limit is looked at now"
    deleted = await oldest.delete()
    print(f"two are to be deleted: {oldest.delete().sql()}: {deleted} deleted, {await Cart.all().count()} left")
    assert deleted == 5 and not await Cart.exists(), "the limit is looked at now"
    oldest = await filled()
    await Cart.filter(id__in=await oldest.values_list("id", flat=True)).delete()
    assert await days(Cart.all()) == [3, 4, 5]
    assert not BasePostgresClient.capabilities.support_update_limit_order_by, "PostgreSQL is said to have a limit"


async def connected():
    await Tortoise.init(db_url="sqlite://:memory:", modules={"models": [__name__]})
    try:
        await by_tortoise()
    finally:
        await Tortoise.close_connections()


def by_django():
    import django
    from django.conf import settings

    settings.configure(DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}})
    django.setup()
    from django.db import models

    class Basket(models.Model):
        class Meta:
            app_label = "shop"

    for change in (lambda rows: rows.delete(), lambda rows: rows.update(id=1)):
        try:
            change(Basket.objects.order_by("id")[:2])
        except TypeError as error:
            print("Django:", error)
        else:
            raise SystemExit("Django takes it now")


if __name__ == "__main__":
    asyncio.run(connected())
    by_django()
PYTHON
(cd "$folder" && venv/bin/python shop.py)
