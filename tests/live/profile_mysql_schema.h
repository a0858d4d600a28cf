/* profile_mysql_schema: one of everything that a profile of MariaDB or MySQL must carry, with names that need quotes; and rows whose
 * shares are known. Each text is one message. */
#ifndef REHEARSE_TESTS_PROFILE_MYSQL_SCHEMA_H
#define REHEARSE_TESTS_PROFILE_MYSQL_SCHEMA_H

static const char *const profile_common[] = {
    "CREATE TABLE `Odd ``Table` (id bigint unsigned AUTO_INCREMENT PRIMARY KEY,"
    " `E-Mail` varchar(80) COLLATE utf8mb4_bin NOT NULL UNIQUE,"
    " mood enum('sad','it''s ok','c\\\\d') NOT NULL DEFAULT 'it''s ok', age int CHECK (age < 900),"
    " word varchar(9) CHECK (word IN ('a', 'it''s')), kept int AS (age * 3) STORED,"
    " doubled varchar(20) AS (concat(word, 'x''y')) VIRTUAL, js json, big decimal(10,2) DEFAULT (1.5 * 2),"
    " ts timestamp(3) NULL DEFAULT NULL ON UPDATE CURRENT_TIMESTAMP(3) COMMENT 'it''s \"so\"',"
    " made datetime DEFAULT CURRENT_TIMESTAMP, code char(3) CHARACTER SET ascii DEFAULT 'x''z', txt text,"
    " b bit(3) DEFAULT b'101', seen set('x','y'), CONSTRAINT `odd check` CHECK (age IS NULL OR big > 0),"
    " KEY prefix_part (`E-Mail`(10), age), FULLTEXT KEY ft (txt)) ROW_FORMAT=COMPRESSED COMMENT='a "
    "''table'''",
    "CREATE TABLE category (id int AUTO_INCREMENT PRIMARY KEY, parent_id int, name varchar(40) NOT NULL,"
    " CONSTRAINT to_parent FOREIGN KEY (parent_id) REFERENCES category (id) ON DELETE SET NULL)",
    "CREATE TABLE by_day (id bigint AUTO_INCREMENT, day date NOT NULL, n int, PRIMARY KEY (id, day))"
    " PARTITION BY RANGE COLUMNS (day) (PARTITION p0 VALUES LESS THAN ('2024-01-01'),"
    " PARTITION p1 VALUES LESS THAN (MAXVALUE))",
    "CREATE TABLE by_list (k int, v int) PARTITION BY LIST (k) SUBPARTITION BY HASH (v) SUBPARTITIONS 2"
    " (PARTITION a VALUES IN (1,2), PARTITION b VALUES IN (3))",
    "CREATE TABLE by_key (k int PRIMARY KEY) PARTITION BY KEY (k) PARTITIONS 3",
    "CREATE TABLE item (order_id bigint, line int, customer bigint unsigned NOT NULL, category_id int,"
    " status enum('new','paid','sent','lost') NOT NULL, price decimal(8,2), day date, at datetime(3),"
    " quantity smallint, name varchar(30), ok tinyint(1), PRIMARY KEY (order_id, line), KEY by_status "
    "(status, day),"
    " KEY by_name (name),"
    " CONSTRAINT to_customer FOREIGN KEY (customer) REFERENCES `Odd ``Table` (id) ON DELETE CASCADE,"
    " CONSTRAINT to_category FOREIGN KEY (category_id) REFERENCES category (id) ON UPDATE CASCADE)",
    "CREATE VIEW z_first AS SELECT id, mood FROM `Odd ``Table` WHERE age > 3 WITH CHECK OPTION",
    "CREATE SQL SECURITY INVOKER VIEW a_second AS SELECT z.id AS x, upper(z.mood) AS m FROM z_first z"
    " JOIN item i ON i.customer = z.id",
    "CREATE FUNCTION slug(t varchar(40), n int) RETURNS varchar(44) DETERMINISTIC"
    " RETURN concat(lower(t), n)",
    "CREATE PROCEDURE tidy(IN a int, OUT b int) MODIFIES SQL DATA BEGIN SET b = a;"
    " INSERT INTO category (name) VALUES ('x;y'); END",
    "CREATE TRIGGER filled BEFORE INSERT ON category FOR EACH ROW BEGIN IF NEW.name = '' THEN SET NEW.name = "
    "'z';"
    " END IF; END",
    "CREATE TRIGGER again BEFORE INSERT ON category FOR EACH ROW FOLLOWS filled SET NEW.name = "
    "rtrim(NEW.name)",
    NULL,
};

static const char *const profile_mariadb[] = {
    "CREATE SEQUENCE ticket START WITH 100 INCREMENT BY 5 MAXVALUE 100000 CYCLE NOCACHE",
    "CREATE TABLE numbered (id int PRIMARY KEY, ticket bigint DEFAULT nextval(ticket), u uuid, ip inet6,"
    " hidden int INVISIBLE DEFAULT 3, note text DEFAULT 'a', UNIQUE KEY long_one (note), KEY unused (ticket) "
    "IGNORED)",
    "CREATE TABLE history (a int, s timestamp(6) GENERATED ALWAYS AS ROW START, e timestamp(6) GENERATED "
    "ALWAYS AS ROW END,"
    " PERIOD FOR SYSTEM_TIME (s, e)) WITH SYSTEM VERSIONING",
    "CREATE TABLE remembered (a int) WITH SYSTEM VERSIONING",
    NULL,
};

static const char *const profile_mysql[] = {
    "CREATE TABLE numbered (id int PRIMARY KEY, word varchar(20), hidden int DEFAULT 3 INVISIBLE,"
    " u char(36) DEFAULT (concat('a''b', uuid())), vb varbinary(5) DEFAULT 'ab', g point NOT NULL SRID 4326,"
    " kept int AS (id * 3) STORED NOT NULL, CONSTRAINT off CHECK (id > 0) NOT ENFORCED,"
    " KEY fn ((lower(concat(word, '''z')))), SPATIAL KEY (g), KEY unused (word) INVISIBLE)",
    NULL,
};

/* item: status 70, 20, 9 and 1 %, a quarter of the categories null, prices skewed to the low. */
static const char *const profile_filling[] = {
    "CREATE TABLE rehearse_digit (d int)",
    "INSERT INTO rehearse_digit VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)",
    "INSERT INTO `Odd ``Table` (`E-Mail`, mood, age, word, txt) SELECT concat('m', a.d * 100 + b.d * 10 + "
    "c.d, "
    "'@é.x'),"
    " 1 + (a.d = 0) + (a.d = 1), 20 + b.d, NULL, 'words' FROM rehearse_digit a, rehearse_digit b, "
    "rehearse_digit c",
    "INSERT INTO category (name) SELECT concat('c', d) FROM rehearse_digit",
    "INSERT INTO item SELECT n, 1, 1 + n % 997, CASE WHEN n % 4 = 0 THEN NULL ELSE 1 + n % 5 END,"
    " CASE WHEN n % 100 < 70 THEN 'new' WHEN n % 100 < 90 THEN 'paid' WHEN n % 100 < 99 THEN 'sent' ELSE "
    "'lost' END,"
    " n % 100 * (n % 100) / 4, date '2019-03-05' + INTERVAL n % 1500 DAY, '2020-01-01' + INTERVAL n * 7 "
    "MINUTE,"
    " CASE WHEN n % 2 = 0 THEN 1 ELSE n % 300 END, concat('n', n % 700), n % 3 = 0 FROM"
    " (SELECT a.d * 1000 + b.d * 100 + c.d * 10 + e.d AS n FROM rehearse_digit a, rehearse_digit b, "
    "rehearse_digit c,"
    " rehearse_digit e) s",
    NULL,
};

#endif
