//! Host names behind a dstack gateway: `<id>[-[port][s|g]].<domain>`. The port is part of the name,
//! and the id is that of an app or of one instance of it.

/// A name behind a gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GatewayHost<'a> {
    /// 40 hex digits: of an app, whose instances take turns, or of one instance.
    pub id: &'a str,
    /// The port in the guest, if the name has one.
    pub port: Option<u16>,
    /// Whether TLS goes through to the guest. Otherwise it ends at the gateway.
    pub passthrough: bool,
    /// What follows the first dot.
    pub domain: &'a str,
}

impl<'a> GatewayHost<'a> {
    /// Reads a host name; `None` if it is not of this form.
    pub fn parse(host: &'a str) -> Option<Self> {
        let (label, domain) = host.split_once('.')?;
        let (id, rest) = label.split_once('-').unwrap_or((label, ""));
        if id.len() != 40 || !id.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        let digits = rest.trim_end_matches(['s', 'g']);
        let port = match digits {
            "" => None,
            digits => Some(digits.parse().ok()?),
        };
        Some(Self {
            id,
            port,
            passthrough: rest.ends_with('s'),
            domain,
        })
    }

    /// The name of another id, or of the same one, with this port.
    pub(crate) fn with(&self, id: &str, port: Option<u16>) -> String {
        let suffix = if self.passthrough { "s" } else { "" };
        match port {
            None if suffix.is_empty() => format!("{id}.{}", self.domain),
            None => format!("{id}-{suffix}.{}", self.domain),
            Some(port) => format!("{id}-{port}{suffix}.{}", self.domain),
        }
    }
}

/// The name that would work instead of this host with a port behind a colon: no gateway listens
/// there. `None` where a port may well work.
pub(crate) fn instead_of_port(host: &str, port: u16) -> Option<String> {
    if let Some(gateway) = GatewayHost::parse(host) {
        return Some(gateway.with(gateway.id, Some(port)));
    }
    let of_phala = host.ends_with(".phala.network");
    of_phala.then(|| {
        let domain = host.split_once('.').map_or(host, |(_, domain)| domain);
        format!("<instance id>-{port}.{domain}")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "04bf9758873466bb2bd8f85621858d99e33f58fd";

    #[test]
    fn names_of_the_gateway_are_read() {
        for (rest, port, passthrough) in [
            ("", None, false),
            ("-8080", Some(8080), false),
            ("-8443s", Some(8443), true),
            ("-s", None, true),
            ("-9000g", Some(9000), false),
        ] {
            let host = format!("{ID}{rest}.dstack-base-prod9.phala.network");
            let read = GatewayHost::parse(&host).unwrap();
            assert_eq!((read.id, read.port), (ID, port));
            assert_eq!(read.passthrough, passthrough, "{host}");
            assert_eq!(read.domain, "dstack-base-prod9.phala.network");
        }
        let host = format!("{ID}-8443s.example.com");
        let read = GatewayHost::parse(&host).unwrap();
        assert_eq!(read.with("other", read.port), "other-8443s.example.com");
    }

    #[test]
    fn other_names_are_not() {
        for host in [
            "example.com",
            "localhost",
            ID,
            &format!("{ID}-x.example.com"),
            &format!("{ID}0.example.com"),
            &format!("{ID}-99999.example.com"),
        ] {
            assert_eq!(GatewayHost::parse(host), None, "{host}");
        }
    }

    #[test]
    fn a_port_behind_a_colon_never_works_at_a_gateway() {
        assert_eq!(
            instead_of_port(&format!("{ID}.dstack-prod5.phala.network"), 8090),
            Some(format!("{ID}-8090.dstack-prod5.phala.network"))
        );
        assert_eq!(
            instead_of_port("name.phala.network", 8090).unwrap(),
            "<instance id>-8090.phala.network"
        );
        assert_eq!(instead_of_port("example.com", 8090), None);
        assert_eq!(instead_of_port("127.0.0.1", 8090), None);
    }
}
