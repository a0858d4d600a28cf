-- A product's event log of four months, about 1.1 M rows: devices, their sessions, and what happened in them, partitioned by
-- month, with a document per kind of event; what phones send late is received late. psql -v size=1; the same rows each time.
SET client_min_messages = warning;
SET max_parallel_workers_per_gather = 0;
SET work_mem = '128MB';
SELECT setseed(0.577216);

CREATE TABLE devices (
    device_id uuid PRIMARY KEY,
    platform text NOT NULL,
    os_version text,
    model text,
    app_build integer NOT NULL,
    country char(2),
    timezone text,
    first_seen timestamptz NOT NULL,
    push_token bytea,
    consent boolean);

CREATE TABLE sessions (
    session_id bigserial PRIMARY KEY,
    device_id uuid NOT NULL REFERENCES devices,
    user_id bigint,
    ip inet,
    started_at timestamptz NOT NULL,
    duration interval,
    referrer text,
    utm jsonb,
    screen int4range,
    experiments text[]);

CREATE TABLE events (
    event_id bigserial,
    session_id bigint NOT NULL,
    kind text NOT NULL,
    at timestamptz NOT NULL,
    received_at timestamptz NOT NULL,
    seq integer NOT NULL,
    page text,
    value_ms integer,
    payload jsonb) PARTITION BY RANGE (at);
CREATE TABLE events_2024_01 PARTITION OF events FOR VALUES FROM ('2024-01-01 00:00+00') TO ('2024-02-01 00:00+00');
CREATE TABLE events_2024_02 PARTITION OF events FOR VALUES FROM ('2024-02-01 00:00+00') TO ('2024-03-01 00:00+00');
CREATE TABLE events_2024_03 PARTITION OF events FOR VALUES FROM ('2024-03-01 00:00+00') TO ('2024-04-01 00:00+00');
CREATE TABLE events_2024_04 PARTITION OF events FOR VALUES FROM ('2024-04-01 00:00+00') TO ('2024-05-01 00:00+00');

INSERT INTO devices
SELECT md5('device' || i)::uuid, p, CASE WHEN p <> 'web' THEN CASE p WHEN 'ios' THEN 'iOS ' || 13 + (random() ^ .5 * 4)::int || '.'
        || (random() * 6)::int ELSE 'Android ' || 9 + (random() * 5)::int END END,
    CASE p WHEN 'ios' THEN 'iPhone' || 10 + (random() * 6)::int || ',' || 1 + (random() * 4)::int WHEN 'android' THEN
        (ARRAY['SM-G', 'SM-A', 'Pixel ', 'Redmi '])[1 + (random() * 4)::int % 4] || (random() ^ 2 * 400)::int END,
    4000 + (random() ^ .3 * 250)::int, (ARRAY['US', 'US', 'GB', 'DE', 'IN', 'IN', 'BR', 'JP', 'FR', 'NG', NULL])[1 + (random() ^ 1.7 * 11)::int % 11],
    (ARRAY['America/New_York', 'Europe/London', 'Europe/Berlin', 'Asia/Kolkata', 'America/Sao_Paulo', 'Asia/Tokyo'])[1 + (random()
        ^ 1.7 * 6)::int % 6], timestamptz '2022-06-01 00:00+00' + (i / (45000.0 * :size)) * interval '690 days' + random() *
        interval '3 hours', CASE WHEN p <> 'web' AND random() < .6 THEN decode(md5('push' || i) || md5('token' || i), 'hex') END,
    CASE WHEN random() < .9 THEN random() < .7 END
FROM (SELECT i, (ARRAY['web', 'web', 'ios', 'android', 'android'])[1 + (random() * 5)::int % 5] p FROM generate_series(1,
    (45000 * :size)::int) i) x;

CREATE TEMP TABLE number AS SELECT row_number() OVER (ORDER BY device_id) n, device_id, platform FROM devices;
CREATE UNIQUE INDEX ON number (n);
INSERT INTO sessions (device_id, user_id, ip, started_at, duration, referrer, utm, screen, experiments)
SELECT device_id, CASE WHEN r1 < .63 THEN 100000 + n / 2 END, CASE WHEN r2 < .97 THEN ('100.' || 64 + n % 40 || '.' || n * 13 % 251
        || '.' || 1 + (random() * 4)::int)::inet END, t, make_interval(secs => floor(exp(random() * 8))), CASE WHEN r1 < .4 THEN
        'https://' || (ARRAY['www.google.com', 'www.google.com', 't.co', 'news.ycombinator.com', 'm.facebook.com'])[1 + (r3 * 5)::int % 5]
        || CASE WHEN r3 < .3 THEN '/?q=' || (r2 * 5000)::int ELSE '/' END END,
    CASE WHEN r3 < .22 THEN jsonb_build_object('source', (ARRAY['mail', 'ads', 'partner'])[1 + (r2 * 3)::int % 3], 'campaign', 'c'
        || (random() ^ 2 * 60)::int) END, CASE WHEN platform = 'web' THEN int4range(320, 640 + 160 * (random() * 12)::int) END,
    CASE WHEN r2 < .5 THEN ARRAY['exp' || (random() * 12)::int, 'hold' || (r1 * 3)::int] ELSE '{}' END
FROM (SELECT timestamptz '2024-01-01 00:00+00' + (floor(random() ^ .9 * 121) + (.5 + (random() + random() - 1) * .48)) * interval '1 day' t,
        least((45000 * :size)::int, 1 + floor(exp(random() ^ .8 * ln(45000 * :size)))::int) n, random() r1, random() r2, random() r3
      FROM generate_series(1, (130000 * :size)::int)) x JOIN number USING (n) ORDER BY t;

INSERT INTO events (session_id, kind, at, received_at, seq, page, value_ms, payload)
SELECT session_id, kind, at, at + CASE WHEN late < .9 THEN random() * interval '800 ms' ELSE random() ^ 5 * interval '2 days' END, seq,
    CASE WHEN kind IN ('view', 'click', 'error') THEN page END, CASE kind WHEN 'view' THEN floor(exp(3 + random() * 5))::int WHEN 'api'
        THEN floor(exp(1 + random() * 6))::int END,
    CASE kind WHEN 'click' THEN jsonb_build_object('x', (random() * 1280)::int, 'y', (random() * 720)::int, 'target', 'btn-' || (random() ^ 3
        * 120)::int) WHEN 'api' THEN jsonb_build_object('method', CASE WHEN random() < .8 THEN 'GET' ELSE 'POST' END, 'status',
        (ARRAY[200, 200, 200, 200, 204, 304, 404, 500])[1 + (random() * 8)::int % 8], 'path', '/v1/' || (ARRAY['items', 'users', 'cart',
        'search'])[1 + (random() * 4)::int % 4]) WHEN 'error' THEN jsonb_build_object('message', 'E' || (random() ^ 2 * 40)::int, 'stack',
        jsonb_build_array('at f' || (random() * 90)::int, 'at main'), 'fatal', random() < .05) WHEN 'purchase' THEN jsonb_build_object(
        'amount', round((5 + random() ^ 3 * 400)::numeric, 2), 'currency', 'USD', 'items', 1 + (random() ^ 3 * 7)::int) END
FROM (SELECT session_id, seq, started_at + seq * seq * interval '1.7 s' + random() * interval '1 s' AS at, random() late, '/' || (ARRAY['home',
        'home', 'search', 'item/' || (random() ^ 3 * 3000)::int, 'cart', 'account'])[1 + (random() * 6)::int % 6] page,
        CASE WHEN seq = 1 THEN 'open' WHEN r < .42 THEN 'view' WHEN r < .7 THEN 'click' WHEN r < .93 THEN 'api' WHEN r < .975 THEN 'heartbeat'
        WHEN r < .99 THEN 'error' ELSE 'purchase' END kind
      FROM (SELECT session_id, started_at, random() r, generate_series(1, least(60, 1 + floor(exp(random() * random() * 5.2)))::int) seq
            FROM sessions WHERE started_at < '2024-04-29') x) y ORDER BY at;

ALTER TABLE events ADD PRIMARY KEY (event_id, at);
ALTER TABLE events ADD FOREIGN KEY (session_id) REFERENCES sessions;
CREATE INDEX events_session ON events (session_id, seq);
CREATE INDEX events_kind_at ON events (kind, at);
CREATE INDEX events_received ON events USING brin (received_at);
CREATE INDEX sessions_device ON sessions (device_id);
CREATE INDEX sessions_user ON sessions (user_id) WHERE user_id IS NOT NULL;
CREATE INDEX sessions_started ON sessions (started_at);
CREATE INDEX devices_platform ON devices (platform, os_version);
VACUUM ANALYZE;
