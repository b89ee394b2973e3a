# What is tried in the guest, once bluetoothd is up. Sourced by init.
crampwatch="/opt/crampwatch/lib/ld-linux-x86-64.so.2 --library-path /opt/crampwatch/lib /opt/crampwatch/crampwatch"

# bluetoothd switches the adapter on a moment after it is there.
until_true bluetoothctl power on
$crampwatch --version
$crampwatch scan --seconds 15 > /tmp/scan.txt 2>&1
$bb sed 's/^/scan: /' /tmp/scan.txt
$bb grep -q "leg-sensor" /tmp/scan.txt && say "crampwatch: scan found the leg sensor"

# Through a drop of the link and 8 s of silence; then bluetoothd is killed, which leaves a zombie link, and starts again.
cd /root
# Not through a function: the signal is for the daemon, not for a shell around it.
$crampwatch run --config /etc/crampwatch.toml > /tmp/run.txt 2>&1 &
daemon=$!
say "crampwatch: run has begun"
$bb sleep 75
say "kill -9 of bluetoothd"
kill -9 "$($bb pidof bluetoothd)"
$bb sleep 3
start_bluetoothd
say "bluetoothd is back"
$bb sleep 60
kill -TERM "$daemon"
wait "$daemon"
say "crampwatch: run ended with $?"
$bb sed 's/^/run: /' /tmp/run.txt
