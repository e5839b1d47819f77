-- Grafana's account in docker-compose.yml: it may read, and nothing else, because everybody
-- who edits a dashboard writes SQL. MySQL's image runs this once, when it makes its data.
CREATE USER IF NOT EXISTS grafana@'%' IDENTIFIED BY 'grafana';
GRANT SELECT ON pesan.* TO grafana@'%';
