//! How many CPUs this process may really use.

use std::fs;
use std::path::{Path, PathBuf};
use std::thread;

use super::sys::cpu;

/// The CPUs to run a shard on: those of the affinity mask, cut to what the cgroup's quota pays
/// for (rounded up), of cgroup v2 or v1 and of any level above ours. Never empty.
pub fn usable_cpus() -> Vec<usize> {
    let mut cpus = cpu::affinity().unwrap_or_default();
    if cpus.is_empty() {
        // The mask is larger than the kernel call's set, or the call is forbidden.
        cpus = (0..thread::available_parallelism().map_or(1, usize::from)).collect();
    }
    if let Some(quota) = cgroup_quota(Path::new("/")) {
        cpus.truncate(quota.max(1));
    }
    cpus
}

/// CPUs that the tightest quota above this process pays for; `root` is `/` outside of tests.
fn cgroup_quota(root: &Path) -> Option<usize> {
    let groups = fs::read_to_string(root.join("proc/self/cgroup")).ok()?;
    let mounts = root.join("sys/fs/cgroup");
    groups
        .lines()
        .filter_map(|line| quota_of(line, &mounts))
        .min()
}

/// The quota of one line of /proc/self/cgroup: `hierarchy:controllers:path`.
fn quota_of(line: &str, mounts: &Path) -> Option<usize> {
    let mut parts = line.splitn(3, ':');
    let (_, controllers, path) = (parts.next()?, parts.next()?, parts.next()?);
    if controllers.is_empty() {
        return levels(mounts, path)
            .filter_map(|group| read_v2(&group))
            .min();
    }
    if !controllers.split(',').any(|name| name == "cpu") {
        return None;
    }
    let mount = [controllers, "cpu,cpuacct", "cpu"].map(|name| mounts.join(name));
    let mount = mount.iter().find(|mount| mount.is_dir())?;
    levels(mount, path)
        .filter_map(|group| read_v1(&group))
        .min()
}

/// A group's folder and all above it, up to the mount. Inside a container the path may be that
/// of the host, of which the folders are not there; the mount itself then is our group.
fn levels(mount: &Path, path: &str) -> impl Iterator<Item = PathBuf> {
    let inner = Path::new(path.trim_start_matches('/'));
    let folders: Vec<PathBuf> = inner.ancestors().map(|part| mount.join(part)).collect();
    folders.into_iter()
}

/// `cpu.max`: `<quota|max> <period>`, in microseconds.
fn read_v2(group: &Path) -> Option<usize> {
    let text = fs::read_to_string(group.join("cpu.max")).ok()?;
    let (quota, period) = text.trim().split_once(' ')?;
    whole_cpus(quota.parse().ok()?, period.parse().ok()?)
}

fn read_v1(group: &Path) -> Option<usize> {
    let read = |name| -> Option<i64> {
        fs::read_to_string(group.join(name))
            .ok()?
            .trim()
            .parse()
            .ok()
    };
    whole_cpus(read("cpu.cfs_quota_us")?, read("cpu.cfs_period_us")?)
}

fn whole_cpus(quota: i64, period: i64) -> Option<usize> {
    let (quota, period) = (usize::try_from(quota).ok()?, usize::try_from(period).ok()?);
    (quota > 0 && period > 0).then(|| quota.div_ceil(period))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_always_a_cpu() {
        assert!(!usable_cpus().is_empty());
    }

    #[test]
    fn the_tightest_quota_counts_and_is_rounded_up() {
        let root = std::env::temp_dir().join(format!("cpus-{}", std::process::id()));
        let put = |path: &str, text: &str| {
            let file = root.join(path);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, text).unwrap();
        };
        put("proc/self/cgroup", "0::/pods/one\n");
        put("sys/fs/cgroup/pods/one/cpu.max", "max 100000\n");
        assert_eq!(cgroup_quota(&root), None);
        put("sys/fs/cgroup/pods/cpu.max", "250000 100000\n");
        assert_eq!(cgroup_quota(&root), Some(3));
        put("sys/fs/cgroup/cpu/a/cpu.cfs_quota_us", "50000\n");
        put("sys/fs/cgroup/cpu/a/cpu.cfs_period_us", "100000\n");
        put("proc/self/cgroup", "3:cpu,cpuacct:/a\n0::/pods/one\n");
        assert_eq!(cgroup_quota(&root), Some(1));
        put("sys/fs/cgroup/cpu/a/cpu.cfs_quota_us", "-1\n");
        assert_eq!(cgroup_quota(&root), Some(3));
        fs::remove_dir_all(&root).unwrap();
    }
}
