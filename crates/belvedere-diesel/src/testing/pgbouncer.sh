# Runs PgBouncer in transaction mode until standard input ends, as the keeper of PostgreSQL does.
# Says "ready" when it accepts connections.
# Arguments: the program, its port, the server's port, start-up parameters that it swallows.
set -eu
trap '' HUP INT TERM
program=$1 port=$2 server=$3 swallowed=$4

directory=$(mktemp -d "${TMPDIR:-/tmp}/belvedere-pgbouncer.XXXXXX")
trap 'rm -rf "$directory"' EXIT
cat >"$directory/pgbouncer.ini" <<END
[databases]
* = host=127.0.0.1 port=$server user=postgres
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = $port
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 3
ignore_startup_parameters = $swallowed
END
mkfifo "$directory/log"
"$program" "$directory/pgbouncer.ini" >"$directory/log" 2>&1 &
pooler=$!
exec 3<"$directory/log"
log=
while read -r line <&3; do
    log="$log$line
"
    case $line in
    *'process up'*)
        cat <&3 >/dev/null &
        echo ready
        cat >/dev/null
        kill "$pooler"
        exit 0
        ;;
    esac
done
printf '%s' "$log" >&2
exit 1
