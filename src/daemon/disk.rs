//! Room on the disk.

use std::path::Path;

/// Megabytes that this user may still write below `folder`; none if the system does not say.
pub(crate) fn free_mb(folder: &Path) -> Option<f64> {
    let room = rustix::fs::statvfs(folder).ok()?;
    Some(room.f_bavail as f64 * room.f_frsize as f64 / 1e6)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_exists_has_room_and_one_that_does_not_has_no_answer() {
        let folder = tempfile::tempdir().unwrap();
        assert!(free_mb(folder.path()).is_some_and(|mb| mb > 0.0));
        assert_eq!(free_mb(&folder.path().join("missing")), None);
    }
}
