"""TypeScript types of the database, in the shape that Supabase's generator writes.

`catalogue` reads what a migrated database holds, `typescript` makes the text from it (a pure
function), `command` is `livecommerce types`. The text is committed as
livecommerce/web/types/database.ts; a test compares it with what a migrated database gives now.
"""
