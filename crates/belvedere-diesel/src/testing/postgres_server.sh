# Runs a PostgreSQL server until standard input ends, which it does with the process that started
# this, however that ends. Says "ready" when the server accepts connections.
# Arguments: folder of PostgreSQL's programs, port, and for TLS a certificate and its key in PEM.
set -eu
trap '' HUP INT TERM
bin=$1 port=$2
disk="${TMPDIR:-/tmp}" memory=/dev/shm
min_memory_kb=1048576

# Servers whose keeper was killed, from earlier runs.
for old in "$disk"/belvedere-postgres.* "$memory"/belvedere-postgres.*; do
    if [ -O "$old/keeper" ] && ! kill -0 "$(cat "$old/keeper")" 2>/dev/null; then
        "$bin/pg_ctl" stop -D "$old/data" -m immediate >/dev/null 2>&1 || true
        rm -rf "$old"
    fi
done

# A database is 300 small files, which cost six times as much on a disk: ext4 looks for an inode past all that
# were given back in the last minutes.
folder=$disk
if [ -w "$memory" ] && [ "$(df -Pk "$memory" | awk 'NR == 2 { print $4 }')" -ge "$min_memory_kb" ]; then
    folder=$memory
fi
directory=$(mktemp -d "$folder/belvedere-postgres.XXXXXX")
trap 'rm -rf "$directory"' EXIT
# Whole at once: an empty file would look like that of a keeper that was killed.
echo $$ >"$directory/keeper.new"
mv "$directory/keeper.new" "$directory/keeper"
data="$directory/data"
log="$directory/log"
"$bin/initdb" -D "$data" -A trust -U postgres -E UTF8 --locale=C --no-sync >"$log" 2>&1 ||
    { cat "$log" >&2; exit 1; }
{
    echo "port = $port"
    echo "listen_addresses = '127.0.0.1'"
    echo "unix_socket_directories = ''"
    echo "max_connections = 200"
    echo "shared_buffers = 32MB"
    echo "fsync = off"
    echo "synchronous_commit = off"
    echo "full_page_writes = off"
    echo "max_wal_size = 128MB"
} >>"$data/postgresql.conf"
if [ $# -ge 4 ]; then
    umask 077
    printf '%s' "$3" >"$data/server.crt"
    printf '%s' "$4" >"$data/server.key"
    echo "ssl = on" >>"$data/postgresql.conf"
fi
"$bin/pg_ctl" start -D "$data" -w -l "$log" >/dev/null 2>&1 || { cat "$log" >&2; exit 1; }
# Sends a signal to the server's first process and to those that it started.
signal() {
    first=$(head -n 1 "$data/postmaster.pid")
    kill "-$1" "$first" || true
    for process in /proc/[0-9]*/stat; do
        read -r id _ _ parent _ 2>/dev/null <"$process" || continue
        # One that has ended meanwhile needs no signal.
        [ "$parent" != "$first" ] || kill "-$1" "$id" 2>/dev/null || true
    done
    echo done
}

echo ready
while read -r order; do
    case $order in
    freeze) signal STOP ;;
    thaw) signal CONT ;;
    esac
done
signal CONT >/dev/null
"$bin/pg_ctl" stop -D "$data" -m immediate >/dev/null 2>&1 || true
