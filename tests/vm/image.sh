#!/usr/bin/env bash
# Makes the guest's kernel and file system once: image.sh FOLDER leaves FOLDER/vmlinuz and FOLDER/base.cpio.zst.
# Debian bookworm with its kernel (the cloud kernel has no Bluetooth), bluez, dbus and busybox; no systemd.
set -euo pipefail
folder="$1"
mirror="${CRAMPWATCH_VM_MIRROR:-http://deb.debian.org}"

stamp="$(sha256sum "${BASH_SOURCE[0]}" | cut -c1-16) $mirror"
if [ "$(cat "$folder/stamp" 2>/dev/null)" = "$stamp" ]; then
    echo "the guest's file system is there: $(du -h "$folder/base.cpio.zst" | cut -f1)"
    exit
fi
rm -rf -- "$folder"
mkdir -p "$folder/root"
mmdebstrap --quiet --variant=essential --include=linux-image-amd64,dbus,bluez,kmod,busybox-static bookworm "$folder/root.tar" \
    "deb $mirror/debian bookworm main" "deb $mirror/debian bookworm-updates main" \
    "deb $mirror/debian-security bookworm-security main"
tar -C "$folder/root" --exclude='./dev/*' -xf "$folder/root.tar"
rm "$folder/root.tar"
cd "$folder/root"
cp boot/vmlinuz-* ../vmlinuz
version="$(ls usr/lib/modules)"
modules="usr/lib/modules/$version/kernel"
# Of the kernel's modules only what the simulated radio needs.
mkdir -p ../kernel
for part in crypto lib arch/x86/crypto net/bluetooth drivers/bluetooth drivers/virtio drivers/char/virtio_console.ko net/rfkill; do
    if [ -e "$modules/$part" ]; then
        mkdir -p "../kernel/$(dirname "$part")"
        cp -r "$modules/$part" "../kernel/$part"
    fi
done
rm -rf "$modules"
mv ../kernel "$modules"
rm -rf boot usr/share/{doc,man,locale,info,perl,perl5,bash-completion,zoneinfo} usr/lib/x86_64-linux-gnu/{gconv,perl,perl-base} \
    var/cache/* var/lib/{apt,dpkg} usr/lib/{apt,udev,systemd} usr/bin/{perl,apt}*
"$(PATH="$PATH:/usr/sbin:/sbin" command -v depmod)" -b "$PWD" "$version"
find . -print0 | cpio --quiet --null --create --format=newc --owner=0:0 | zstd -q -10 -T0 -o ../base.cpio.zst
cd ..
rm -rf root
echo "$stamp" > stamp
echo "made the guest's file system: $(du -h base.cpio.zst | cut -f1)"
