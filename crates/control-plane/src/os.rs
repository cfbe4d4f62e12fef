//! Operating systems that images and roles can name.

/// One of [`ALL`].
#[derive(Debug, PartialEq, Eq)]
pub struct Os {
    pub id: &'static str,
    pub name: &'static str,
    pub family: &'static str,
    pub generation: &'static str,
    pub version: &'static str,
}

macro_rules! systems {
    ($($id:literal $name:literal $family:literal $generation:literal $version:literal,)+) => {
        &[$(Os { id: $id, name: $name, family: $family, generation: $generation, version: $version },)+]
    };
}

pub const ALL: &[Os] = systems! {
    "ubuntu-18-04" "Ubuntu 18.04 LTS" "ubuntu" "18.04" "18.04",
    "ubuntu-20-04" "Ubuntu 20.04 LTS" "ubuntu" "20.04" "20.04",
    "ubuntu-22-04" "Ubuntu 22.04 LTS" "ubuntu" "22.04" "22.04",
    "ubuntu-24-04" "Ubuntu 24.04 LTS" "ubuntu" "24.04" "24.04",
    "debian-10" "Debian 10" "debian" "10" "10",
    "debian-11" "Debian 11" "debian" "11" "11",
    "debian-12" "Debian 12" "debian" "12" "12",
    "debian-13" "Debian 13" "debian" "13" "13",
    "centos-7" "CentOS 7" "centos" "7" "7",
    "centos-stream-8" "CentOS Stream 8" "centos" "stream-8" "8",
    "centos-stream-9" "CentOS Stream 9" "centos" "stream-9" "9",
    "centos-stream-10" "CentOS Stream 10" "centos" "stream-10" "10",
    "redhat-7" "Red Hat Enterprise Linux 7" "redhat" "7" "7",
    "redhat-8" "Red Hat Enterprise Linux 8" "redhat" "8" "8",
    "redhat-9" "Red Hat Enterprise Linux 9" "redhat" "9" "9",
    "redhat-10" "Red Hat Enterprise Linux 10" "redhat" "10" "10",
    "rocky-8" "Rocky Linux 8" "rocky" "8" "8",
    "rocky-9" "Rocky Linux 9" "rocky" "9" "9",
    "rocky-10" "Rocky Linux 10" "rocky" "10" "10",
    "alma-8" "AlmaLinux 8" "alma" "8" "8",
    "alma-9" "AlmaLinux 9" "alma" "9" "9",
    "alma-10" "AlmaLinux 10" "alma" "10" "10",
    "oracle-8" "Oracle Linux 8" "oracle" "8" "8",
    "oracle-9" "Oracle Linux 9" "oracle" "9" "9",
    "amazon-2" "Amazon Linux 2" "amazon" "2" "2",
    "sles-12" "SUSE Linux Enterprise Server 12" "sles" "12" "12",
    "sles-15" "SUSE Linux Enterprise Server 15" "sles" "15" "15",
    "opensuse-leap-15" "openSUSE Leap 15" "opensuse" "leap-15" "15",
    "opensuse-tumbleweed" "openSUSE Tumbleweed" "opensuse" "tumbleweed" "any",
    "fedora" "Fedora" "fedora" "any" "any",
    "windows-2016" "Windows Server 2016" "windows" "2016" "2016",
    "windows-2019" "Windows Server 2019" "windows" "2019" "2019",
    "windows-2022" "Windows Server 2022" "windows" "2022" "2022",
    "windows-2025" "Windows Server 2025" "windows" "2025" "2025",
    "cirros" "CirrOS" "cirros" "any" "any",
    "other-linux" "Other Linux" "linux" "any" "any",
};

pub fn find(id: &str) -> Option<&'static Os> {
    ALL.iter().find(|it| it.id == id)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn ids_are_unique_and_plain() {
        let ids: BTreeSet<&str> = ALL.iter().map(|it| it.id).collect();
        assert_eq!(ids.len(), ALL.len());
        assert!(ids.iter().all(|it| it.bytes().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || it == b'-')));
        assert_eq!(find("debian-12").map(|it| it.family), Some("debian"));
        assert_eq!(find("debian-1"), None);
    }
}
