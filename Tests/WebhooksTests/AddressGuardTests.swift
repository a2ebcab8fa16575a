import Checkout
import NIOCore
import Testing

@testable import Webhooks

@Suite("An endpoint's address") struct AddressGuardTests {
    @Test("within a network of the shop's own is refused", arguments: [
        "0.0.0.0", "10.1.2.3", "100.64.0.1", "100.127.255.255", "127.0.0.1", "127.255.255.255", "169.254.169.254",
        "172.16.0.1", "172.31.255.255", "192.0.0.8", "192.0.2.1", "192.168.1.1", "198.18.0.1", "198.19.255.255",
        "198.51.100.7", "203.0.113.9", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
        "::", "::1", "::ffff:127.0.0.1", "::ffff:169.254.169.254", "::7f00:1", "64:ff9b::a00:1", "100::1",
        "2001::1", "2001:db8::1", "2002:a00:1::1", "3fff:0:1::", "fc00::1", "fd00:ec2::254", "fe80::1", "fec0::1",
        "ff02::1",
    ])
    func refused(address: String) throws {
        #expect(!AddressGuard.allows(try Self.bytes(of: address), opensPrivate: false))
    }

    @Test("of the internet is taken", arguments: [
        "1.1.1.1", "100.63.255.255", "100.128.0.1", "126.255.255.255", "128.0.0.1", "172.15.255.255", "172.32.0.1",
        "192.167.255.255", "198.20.0.1", "223.255.255.255", "::ffff:8.8.8.8", "2001:200::1", "2606:4700::1111",
        "2a00::1", "3ffe::1",
    ])
    func taken(address: String) throws {
        #expect(AddressGuard.allows(try Self.bytes(of: address), opensPrivate: false))
    }

    @Test("is looked up, and refused for where it leads, however it is written", arguments: [
        "https://127.0.0.1/", "https://localhost:8443/in", "https://127.1/", "https://2130706433/", "https://0x7f.1/",
        "https://0/",
    ])
    func disguised(url: String) async {
        await #expect(throws: CheckedAddress.Refusal.closed) {
            try await CheckedAddress.find(url, opensPrivate: false)
        }
    }

    @Test("of a cloud's own is not taken for development either", arguments: [
        "169.254.169.254", "169.254.170.2", "::ffff:169.254.169.254", "fe80::1", "fd00:ec2::254",
    ])
    func metadata(address: String) throws {
        #expect(!AddressGuard.allows(try Self.bytes(of: address), opensPrivate: true))
    }

    @Test("is refused as it is written where no look-up is needed to know it")
    func written() {
        for host in ["10.0.0.1", "127.1", "2130706433", "0x7f.1", "localhost", "a.localhost", "169.254.169.254"] {
            #expect(!AddressGuard.allows(host: host, opensPrivate: false), "\(host)")
        }
        for host in ["8.8.8.8", "hooks.example", "10.0.0.1.example", "localhost.example"] {
            #expect(AddressGuard.allows(host: host, opensPrivate: false), "\(host)")
        }
        #expect(AddressGuard.allows(host: "127.0.0.1", opensPrivate: true))
        #expect(AddressGuard.allows(host: "localhost", opensPrivate: true))
        #expect(!AddressGuard.allows(host: "169.254.169.254", opensPrivate: true))
    }

    @Test("within a private network is taken for development")
    func development() async throws {
        let found = try await CheckedAddress.find("http://127.0.0.1:8080/in", opensPrivate: true)
        #expect(found.host == "127.0.0.1" && found.address == "127.0.0.1")
        await #expect(throws: CheckedAddress.Refusal.malformed) {
            try await CheckedAddress.find("http://127.0.0.1:8080/in", opensPrivate: false)
        }
    }

    private static func bytes(of text: String) throws -> [UInt8] {
        try CheckedAddress.bytes(of: SocketAddress(ipAddress: text, port: 0))
    }
}
