# Runs a NATS server until standard input ends, which it does with the process that started this, however
# that ends; then the server is killed. Says "listens" and the port when it does.
# Arguments: the program, its port or 0 for a free one, what is added to its configuration.
set -eu
trap '' HUP INT TERM
program=$1 port=$2
[ "$port" != 0 ] || port=-1

directory=$(mktemp -d "${TMPDIR:-/tmp}/belvedere-nats.XXXXXX")
trap 'rm -rf "$directory"' EXIT
printf 'host: 127.0.0.1\nport: %s\n%s\n' "$port" "$3" >"$directory/conf"
mkfifo "$directory/log"
"$program" --config "$directory/conf" >"$directory/log" 2>&1 &
server=$!
exec 3<"$directory/log"
while read -r line <&3; do
    case $line in
    *'Listening for client connections on '*) port=${line##*:} ;;
    *'Server is ready'*)
        cat <&3 >/dev/null &
        echo "listens $port"
        cat >/dev/null
        kill -KILL "$server"
        wait "$server" 2>/dev/null || exit 0
        ;;
    *'[FTL]'*) echo "$line" ;;
    esac
done
exit 1
