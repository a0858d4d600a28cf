-- An insurer's table of contracts, grown since 1994 and taken over twice: 66 columns, 200,000 rows, codes that only old hands
-- know. psql -v size=1; the same rows each time.
SET client_min_messages = warning;
SET max_parallel_workers_per_gather = 0;
SELECT setseed(0.141593);

CREATE TABLE agency (agency_no char(6) PRIMARY KEY, agency_name varchar(60) NOT NULL, region_cd char(2), opened date, closed date);
CREATE TABLE tariff (tariff_cd varchar(8) PRIMARY KEY, tariff_text varchar(80), valid_from date NOT NULL, rate numeric(7,4) NOT NULL);
INSERT INTO agency SELECT lpad((100000 + i * 37)::text, 6, '0'), 'Agency ' || initcap(substr(md5(i::text), 1, 8)), lpad((i % 16)::text, 2,
    '0'), date '1994-01-01' + i * 11, CASE WHEN i % 7 = 0 THEN date '2010-01-01' + i * 5 END FROM generate_series(1, 620) i;
INSERT INTO tariff SELECT chr(65 + i % 8) || lpad(i::text, 3, '0') || CASE WHEN i % 5 = 0 THEN 'X' ELSE '' END, 'Tariff ' || i, date
    '1994-01-01' + i * 60, round((random() * 12)::numeric, 4) FROM generate_series(1, 140) i;

CREATE TABLE contract (
    contract_no integer PRIMARY KEY,
    policy_id varchar(18) UNIQUE,
    holder_no integer NOT NULL,
    agency_no char(6) REFERENCES agency,
    tariff_cd varchar(8) NOT NULL REFERENCES tariff,
    line_cd char(2) NOT NULL,
    status_cd smallint NOT NULL,
    sub_status char(1),
    salutation char(4),
    name1 varchar(40) NOT NULL,
    name2 varchar(40),
    name_phonetic char(4),
    street varchar(46),
    zip char(5),
    city varchar(30),
    country_cd char(3) DEFAULT 'D',
    phone varchar(20),
    fax varchar(20),
    mail varchar(80),
    birth_date date,
    sex char(1),
    begin_date date NOT NULL,
    end_date date,
    cancel_date date,
    cancel_reason char(3),
    prem_gross numeric(11,2) NOT NULL,
    prem_net numeric(11,2) NOT NULL,
    ins_tax numeric(9,2),
    sum_insured numeric(15,2),
    deductible integer,
    pay_method char(1) NOT NULL,
    pay_freq smallint NOT NULL,
    iban varchar(34),
    bic char(11),
    dunning_level smallint NOT NULL DEFAULT 0,
    last_dunning date,
    balance numeric(11,2) NOT NULL DEFAULT 0,
    commission_pct numeric(5,2),
    risk_class smallint,
    risk_score real,
    no_claims_years smallint,
    vehicle_hsn char(4),
    vehicle_tsn char(3),
    first_reg integer,
    km_per_year integer,
    garage char(1),
    flag_a char(1), flag_b char(1), flag_c boolean, flag_d boolean,
    migrated_from char(1),
    old_key varchar(12),
    checksum char(32) NOT NULL,
    lat double precision, lon double precision,
    remark text,
    remark_long text,
    doc_count integer NOT NULL DEFAULT 0,
    last_doc bytea,
    created_by varchar(8) NOT NULL,
    created_on timestamp NOT NULL,
    changed_by varchar(8),
    changed_on timestamp,
    changed_time time,
    version integer NOT NULL DEFAULT 1,
    tenant smallint NOT NULL DEFAULT 1,
    unused1 varchar(10), unused2 integer DEFAULT 0);

INSERT INTO contract
SELECT 1000000 + i * 3 + (i / 50000) * 7, CASE WHEN i > 12000 * :size THEN l || '-' || to_char(b, 'YY') || '-' || lpad(i::text, 8, '0') END,
    2000000 + (r1 ^ 1.4 * 90000 * :size)::int, CASE WHEN r2 < .97 THEN lpad((100000 + (1 + (r2 * r3 * 619)::int) * 37)::text, 6, '0') END,
    chr(65 + tn % 8) || lpad(tn::text, 3, '0') || CASE WHEN tn % 5 = 0 THEN 'X' ELSE '' END, l, s,
    CASE WHEN s >= 70 THEN (ARRAY['A', 'K', 'T', 'Z'])[1 + (r4 ^ 2 * 4)::int % 4] WHEN r4 < .1 THEN ' ' END,
    CASE WHEN sex = 'M' THEN 'HERR' WHEN sex = 'F' THEN 'FRAU' ELSE 'FIRM' END, nm,
    CASE WHEN random() < .3 THEN initcap(substr(md5((random() * 300)::int::text), 1, 6)) END,
    upper(substr(nm, 1, 1)) || lpad((length(nm) * 137 % 1000)::text, 3, '0'),
    CASE WHEN random() < .99 THEN initcap(substr(translate(md5((random() ^ 1.5 * 12000)::int::text), '0123456789', 'aeioulnrst'), 1,
        5 + (random() * 8)::int)) || 'str. ' || 1 + (random() ^ 2 * 120)::int END,
    z, 'Ort ' || substr(z, 1, 3), CASE WHEN random() < .96 THEN 'D' WHEN random() < .5 THEN 'A' ELSE 'CH' END,
    CASE WHEN random() < .6 THEN '0' || (ARRAY['30', '40', '89', '221', '711', '3641'])[1 + (random() * 6)::int % 6] || '/' || (100000
        + random() * 8999999)::int END, CASE WHEN random() < .05 THEN '0' || (200000 + random() * 800000)::int END,
    CASE WHEN i > 90000 * :size AND random() < .7 THEN lower(substr(md5(nm), 1, 5)) || (random() * 9000)::int || '@' || (ARRAY['t-online.de',
        'gmx.de', 'aol.com', 'gmail.com'])[1 + (random() ^ 2 * 4)::int % 4] END,
    CASE WHEN sex <> 'X' THEN date '1930-01-01' + (random() * 13000 + random() * 13000)::int END, sex, b, CASE WHEN s = 10 OR s >= 70
        THEN b + 365 * (1 + (random() * 12)::int) - 1 END, CASE WHEN s >= 70 THEN b + (200 + random() * 4000)::int END,
    CASE WHEN s >= 70 THEN (ARRAY['A01', 'A02', 'K10', 'K11', 'X99'])[1 + (random() ^ 2 * 5)::int % 5] END, pg, round(pg / 1.19, 2),
    pg - round(pg / 1.19, 2), CASE WHEN l IN ('LV', 'UN') THEN 5000 * (1 + (random() ^ 2 * 60)::int) WHEN random() < .3 THEN round((random()
        * 1e6)::numeric, 2) END, (ARRAY[0, 0, 150, 300, 500, 1000])[1 + (random() * 6)::int % 6],
    CASE WHEN r3 < .75 THEN 'L' WHEN r3 < .97 THEN 'R' ELSE 'K' END, (ARRAY[1, 1, 2, 4, 12, 12])[1 + (random() * 6)::int % 6],
    CASE WHEN r3 < .75 THEN 'DE' || lpad((random() * 97)::int::text, 2, '0') || lpad((10000000 + (random() ^ 2 * 700)::int * 110001)::text, 8,
        '0') || lpad((random() * 9e9)::bigint::text, 10, '0') END, CASE WHEN r3 < .5 THEN 'BANK' || 'DE' || lpad((random() ^ 2 *
        700)::int::text, 3, '0') || 'XX' END, CASE WHEN r4 < .94 THEN 0 ELSE 1 + (r2 * r2 * 3)::int END, CASE WHEN r4 >= .94 THEN date
        '2023-01-01' + (random() * 400)::int END, CASE WHEN r4 < .8 THEN 0 ELSE round(((random() - .3) * 900)::numeric, 2) END,
    CASE WHEN r2 < .97 THEN (ARRAY[8, 10, 12.5, 15, 20])[1 + (r2 * r3 * 5)::int % 5] END, CASE WHEN l = 'KF' THEN (random() * 24)::int END,
    CASE WHEN i > 60000 * :size THEN random() * random() * 100 END, CASE WHEN l = 'KF' THEN (random() ^ 2 * 35)::int END,
    CASE WHEN l = 'KF' THEN lpad((random() ^ 2 * 900)::int::text, 4, '0') END, CASE WHEN l = 'KF' THEN upper(substr(md5((random() ^ 2 *
        1500)::int::text), 1, 3)) END, CASE WHEN l = 'KF' THEN to_char(b - (random() * 3000)::int, 'YYYYMM')::int END,
    CASE WHEN l = 'KF' THEN 3000 * (1 + (random() * random() * 15)::int) END, CASE WHEN l = 'KF' THEN CASE WHEN random() < .4 THEN 'J' ELSE 'N'
        END END, CASE WHEN random() < .97 THEN ' ' ELSE 'X' END, CASE WHEN random() < .5 THEN 'J' WHEN random() < .9 THEN 'N' END,
    CASE WHEN random() < .8 THEN random() < .02 END, random() < .6, CASE WHEN i < 40000 * :size THEN 'A' WHEN i < 110000 * :size THEN 'B' END,
    CASE WHEN i < 110000 * :size THEN lpad((i * 7919 % 99999989)::text, 12, '0') END, md5((i / 2)::text || 'c'),
    47.3 + (substr(z, 1, 2)::int / 99.0) * 7.4 + random() * .2, 5.9 + (substr(z, 2, 2)::int / 99.0) * 9 + random() * .2,
    CASE WHEN random() < .08 THEN 'ruft zurueck am ' || to_char(b + (random() * 3000)::int, 'DD.MM.YYYY') END,
    CASE WHEN random() < .01 THEN repeat('Schaden ' || (random() * 9999)::int || ' gemeldet; ', 20 + (random() * 90)::int) END,
    (random() ^ 4 * 40)::int, CASE WHEN random() < .05 THEN decode(repeat(md5(i::text), 3), 'hex') END,
    'u' || lpad((random() ^ 3 * 240)::int::text, 4, '0'), b + time '08:00' + floor(random() * 36000) * interval '1 s',
    CASE WHEN random() < .85 THEN CASE WHEN random() < .3 THEN 'BATCH' ELSE 'u' || lpad((random() ^ 3 * 240)::int::text, 4, '0') END END,
    CASE WHEN random() < .85 THEN timestamp '2024-03-01' - random() ^ 2 * interval '3000 days' END,
    CASE WHEN random() < .85 THEN time '07:00' + floor(random() * 600) * interval '1 min' END, 1 + floor(-ln(random() + 1e-9) * 4)::int,
    CASE WHEN i % 41 = 0 THEN 2 ELSE 1 END, NULL, 0
FROM (SELECT i, random() r1, random() r2, random() r3, random() r4, (ARRAY['KF', 'KF', 'KF', 'HR', 'PH', 'UN', 'RS', 'LV'])[1 + (random()
        * 8)::int % 8] l, (ARRAY[10, 10, 20, 20, 20, 20, 71, 75, 80, 99])[1 + (random() * 10)::int % 10] s, 1 + (random() ^ 1.5 * 139)::int tn,
        date '1994-01-01' + (i * 10900.0 / (200000 * :size))::int - (random() ^ 6 * 700)::int b, (ARRAY['M', 'M', 'F', 'F', 'X'])[1 + (random()
        * 5)::int % 5] sex, initcap(substr(translate(md5((random() ^ 2 * 21000)::int::text), '0123456789', 'aeioulnrst'), 1, 4 + (random() *
        8)::int)) nm, lpad((1000 + floor(random() * random() * 9000)::int * 10 + (random() * 9)::int)::text, 5, '0') z,
        round(exp(2.5 + random() * 3 + random() * 2)::numeric, 2) pg
      FROM generate_series(1, (200000 * :size)::int) i) x;

CREATE INDEX contract_holder ON contract (holder_no);
CREATE INDEX contract_agency ON contract (agency_no, status_cd);
CREATE INDEX contract_tariff ON contract (tariff_cd);
CREATE INDEX contract_name ON contract (name1, zip);
CREATE INDEX contract_zip ON contract (zip);
CREATE INDEX contract_begin ON contract (begin_date);
CREATE INDEX contract_old ON contract (old_key);
CREATE INDEX contract_checksum ON contract (checksum);
CREATE INDEX contract_iban ON contract (iban);
CREATE INDEX contract_changed ON contract (changed_on DESC);
CREATE INDEX contract_dunning ON contract (dunning_level, last_dunning) WHERE dunning_level > 0;
CREATE INDEX contract_vehicle ON contract (vehicle_hsn, vehicle_tsn);
VACUUM ANALYZE;
