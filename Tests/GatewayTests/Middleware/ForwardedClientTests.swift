import HTTPTypes
import NIOCore
import Testing

@testable import Gateway

@Suite("Behind proxies of ours")
struct ForwardedClientTests {
    private let proxies = TrustedProxies("10.0.0.0/8, 127.0.0.1, fd00::/8")!

    private func client(
        _ peer: String, _ fields: [(HTTPField.Name, String)], isSecure: Bool = false
    ) throws -> (address: String?, isSecure: Bool) {
        var headers = HTTPFields()
        for (name, value) in fields { headers.append(HTTPField(name: name, value: value)) }
        let client = ForwardedClient(
            try SocketAddress(ipAddress: peer, port: 1), isSecure: isSecure, RequestFields(headers), proxies: proxies)
        return (client.address?.ipAddress, client.isSecure)
    }

    @Test(
        "the client is the first address from the end that is no proxy of ours",
        arguments: [
            ("10.9.9.9", "1.1.1.1", "1.1.1.1"),
            ("10.9.9.9", "6.6.6.6, 1.1.1.1", "1.1.1.1"),
            ("10.9.9.9", "6.6.6.6,1.1.1.1 ,10.0.0.2", "1.1.1.1"),
            ("::ffff:10.9.9.9", "1.1.1.1", "1.1.1.1"),
            ("fd00::1", "2001:db8::7", "2001:db8::7"),
            ("127.0.0.1", "1.1.1.1:4711", "1.1.1.1"),
            ("127.0.0.1", "[2001:db8::7]:4711", "2001:db8::7"),
            // All of them are ours: it came from within.
            ("10.9.9.9", "10.0.0.3, 10.0.0.2", "10.0.0.3"),
            // What the client wrote is looked at no further than to its end.
            ("10.9.9.9", "nonsense, 1.1.1.1", "1.1.1.1"),
            ("10.9.9.9", "1.1.1.1, nonsense", "10.9.9.9"),
            ("10.9.9.9", "1.1.1.1, unknown, 10.0.0.2", "10.0.0.2"),
            ("10.9.9.9", "", "10.9.9.9"),
            // Whoever is no proxy of ours speaks for itself.
            ("11.0.0.1", "1.1.1.1", "11.0.0.1"),
            ("2001:db8::1", "1.1.1.1", "2001:db8::1"),
        ])
    func forwardedFor(peer: String, list: String, expected: String) throws {
        #expect(try client(peer, [(.forwardedFor, list)]).address == expected)
    }

    @Test("the field may come in several lines, in the order of the proxies")
    func severalLines() throws {
        #expect(try client("10.9.9.9", [(.forwardedFor, "6.6.6.6"), (.forwardedFor, "1.1.1.1")]).address == "1.1.1.1")
    }

    @Test(
        "Forwarded says the same in its own form",
        arguments: [
            ("for=1.1.1.1", "1.1.1.1", false),
            ("For=\"[2001:db8:cafe::17]:4711\";Proto=https", "2001:db8:cafe::17", true),
            ("for=6.6.6.6;proto=https, for=1.1.1.1;proto=http;by=10.0.0.1", "1.1.1.1", false),
            ("for=1.1.1.1;proto=https, for=10.0.0.2;proto=http", "1.1.1.1", true),
            ("for=_hidden;proto=https", "10.9.9.9", true),
            ("proto=https", "10.9.9.9", true),
        ])
    func forwarded(list: String, expected: String, isSecure: Bool) throws {
        let client = try client("10.9.9.9", [(.forwarded, list)])
        #expect(client.address == expected && client.isSecure == isSecure)
    }

    @Test("where both fields are sent and differ, neither is believed")
    func contradiction() throws {
        let same = try client("10.9.9.9", [(.forwarded, "for=1.1.1.1"), (.forwardedFor, "1.1.1.1")])
        #expect(same.address == "1.1.1.1")
        let other = try client("10.9.9.9", [(.forwarded, "for=6.6.6.6"), (.forwardedFor, "1.1.1.1")])
        #expect(other.address == "10.9.9.9")
    }

    @Test("what the connection of the client was is believed from proxies of ours only")
    func scheme() throws {
        func isSecure(_ peer: String, _ fields: [(HTTPField.Name, String)], _ isOwn: Bool = false) throws -> Bool {
            try client(peer, fields, isSecure: isOwn).isSecure
        }
        #expect(try isSecure("10.9.9.9", [(.forwardedFor, "1.1.1.1"), (.forwardedProto, "https")]))
        #expect(try isSecure("10.9.9.9", [(.forwardedProto, "HTTPS")]))
        #expect(try !isSecure("10.9.9.9", [(.forwardedFor, "1.1.1.1"), (.forwardedProto, "http")]))
        #expect(try !isSecure("10.9.9.9", [(.forwardedFor, "6.6.6.6, 1.1.1.1"), (.forwardedProto, "https, http")]))
        #expect(try isSecure("10.9.9.9", [(.forwardedFor, "1.1.1.1, 10.0.0.2"), (.forwardedProto, "https, http")]))
        #expect(try !isSecure("11.0.0.1", [(.forwardedProto, "https")]))
        #expect(try isSecure("11.0.0.1", [(.forwardedProto, "http")], true))
        #expect(try !isSecure("10.9.9.9", []))
    }

    @Test(
        "networks are read strictly",
        arguments: [
            "10.0.0.0/33", "10.0.0.1/8", "10.0.0.0/", "10.0.0/8", "::/129", "fd00::1/8", "localhost", ",", "10.0.0.1,",
            "10.0.0.0/+8", "/8",
        ])
    func malformed(text: String) {
        #expect(TrustedProxies(text) == nil)
    }

    @Test("a network has its own addresses and no others")
    func networks() throws {
        func contains(_ networks: String, _ address: String) throws -> Bool {
            try #require(TrustedProxies(networks)).contains(try SocketAddress(ipAddress: address, port: 1))
        }
        #expect(try contains("192.168.4.0/22", "192.168.7.255"))
        #expect(try !contains("192.168.4.0/22", "192.168.8.0"))
        #expect(try contains("0.0.0.0/0", "203.0.113.9"))
        #expect(try !contains("0.0.0.0/0", "2001:db8::1"))
        #expect(try contains("::/0", "2001:db8::1"))
        #expect(try contains("2001:db8::/33", "2001:db8:7fff::1"))
        #expect(try !contains("2001:db8::/33", "2001:db8:8000::1"))
        #expect(try !contains("", "127.0.0.1"))
    }
}
