"""Reports in plain SQL.

They were written before the models were, for a nightly job, and use psycopg2.
"""

import csv
import io
from contextlib import closing

from psycopg2.extras import RealDictCursor, execute_values

from app.database import get_db_connection

RESPONSE_TIMES = """
    SELECT u.email,
           count(*) AS chats,
           round(avg(extract(epoch FROM first.answered_at - c.created_at))::numeric, 1)
               AS seconds
    FROM chat_sessions c
    JOIN users u ON u.id = c.agent_id
    JOIN (
        SELECT m.chat_session_id, min(m.created_at) AS answered_at
        FROM messages m
        JOIN chat_sessions s ON s.id = m.chat_session_id
        WHERE m.sender_id = s.agent_id
        GROUP BY m.chat_session_id
    ) first ON first.chat_session_id = c.id
    WHERE c.tenant_id = %(tenant_id)s
    GROUP BY u.email
    ORDER BY u.email
"""


def response_times(tenant_id):
    """Average time until the first answer, by agent."""
    conn = get_db_connection()
    try:
        with conn.cursor(cursor_factory=RealDictCursor) as cur:
            cur.execute(RESPONSE_TIMES, {"tenant_id": tenant_id})
            rows = cur.fetchall()
    finally:
        conn.close()
    return [
        {"email": r["email"], "chats": r["chats"], "seconds": float(r["seconds"])}
        for r in rows
    ]


def volume_by_channel(tenant_id, statuses=None):
    sql = "SELECT channel, count(*) FROM chat_sessions WHERE tenant_id = %s"
    params = [tenant_id]
    if statuses:
        sql += " AND status IN %s"
        params.append(tuple(statuses))
    sql += " GROUP BY channel ORDER BY channel"
    with closing(get_db_connection()) as conn:
        cur = conn.cursor()
        cur.execute(sql, params)
        return {channel: count for channel, count in cur}


def export_messages(tenant_id):
    """All messages of a tenant as CSV."""
    conn = get_db_connection()
    try:
        cur = conn.cursor()
        cur.execute(
            "SELECT c.id, c.subject, coalesce(u.email, ''), m.body"
            " FROM messages m"
            " JOIN chat_sessions c ON c.id = m.chat_session_id"
            " LEFT JOIN users u ON u.id = m.sender_id"
            " WHERE c.tenant_id = %s ORDER BY m.id",
            (tenant_id,),
        )
        out = io.StringIO()
        writer = csv.writer(out)
        writer.writerow(["chat", "subject", "sender", "body"])
        while True:
            rows = cur.fetchmany(500)
            if not rows:
                break
            writer.writerows(rows)
        return out.getvalue()
    finally:
        conn.close()


def import_users(tenant_id, rows):
    """Insert many users at once; known addresses are skipped. Returns the new ones."""
    values = [
        (tenant_id, row["email"], row.get("first_name", ""), row.get("last_name", ""))
        for row in rows
    ]
    if not values:
        return 0
    conn = get_db_connection()
    try:
        with conn:
            with conn.cursor() as cur:
                inserted = execute_values(
                    cur,
                    "INSERT INTO users (tenant_id, email, first_name, last_name)"
                    " VALUES %s ON CONFLICT (tenant_id, email) DO NOTHING"
                    " RETURNING id",
                    values,
                    fetch=True,
                )
        return len(inserted)
    finally:
        conn.close()


def set_chat_priority(tenant_id, chat_ids, priority):
    conn = get_db_connection()
    cur = conn.cursor()
    try:
        cur.execute(
            "UPDATE chat_sessions SET priority = %s"
            " WHERE tenant_id = %s AND id = ANY(%s)",
            (priority, tenant_id, list(chat_ids)),
        )
        changed = cur.rowcount
        conn.commit()
        return changed
    except Exception:
        conn.rollback()
        raise
    finally:
        cur.close()
        conn.close()
