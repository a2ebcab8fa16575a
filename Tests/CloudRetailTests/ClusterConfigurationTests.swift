import Commerce
import Testing

@testable import cloudretail

@Suite("The settings of a node in a cluster")
struct ClusterConfigurationTests {
    private static let alone = ["data-dir": "/nowhere", "payment": "in-process"]
    private static let member = alone.merging([
        "node-id": "2", "cluster-id": "00c0ffee00c0ffee", "cluster-listen": "127.0.0.1:7002",
        "cluster-members": "2=b:7002, 1=a:7001,3=[::1]:7003", "cluster-certificate": "/c.pem", "cluster-key": "/k.pem",
        "cluster-authority": "/a.pem", "cluster-secret-file": "/s",
    ]) { $1 }

    private func read(_ changes: [String: String], to settings: [String: String] = member) async throws
        -> NodeConfiguration
    {
        try NodeConfiguration.read(flags: settings.merging(changes) { $1 }, file: nil)
    }

    @Test("say where it stands; a node without them is alone")
    func membership() async throws {
        #expect(try await read([:], to: Self.alone).cluster == nil)
        let cluster = try #require(try await read([:]).cluster)
        #expect(cluster.node.rawValue == 2 && cluster.cluster == 0xc0ff_ee00_c0ff_ee && !cluster.isJoining)
        #expect(cluster.founders.map(\.id.rawValue) == [1, 2, 3])
        #expect(cluster.founders.map(\.address.host) == ["a", "b", "::1"])
        #expect(cluster.founders.map(\.address.port) == [7_001, 7_002, 7_003])
        #expect(cluster.listen == NodeConfiguration.SocketAddress("127.0.0.1:7002"))
        #expect(cluster.certificate == .init(certificate: "/c.pem", key: "/k.pem"))
        #expect(cluster.authority == "/a.pem" && cluster.secretFile == "/s")
        #expect(cluster.joined.isEmpty)
        let later = try #require(try await read(["cluster-peers": "9=d:7009,4=c:7004"]).cluster)
        #expect(later.joined.map(\.id.rawValue) == [4, 9] && later.founders.count == 3)
        let joining = try #require(try await read(["node-id": "4", "cluster-joining": "on"]).cluster)
        #expect(joining.isJoining && joining.node.rawValue == 4 && joining.founders.count == 3)
    }

    @Test("are refused by name", arguments: [
        ("node-id", "0"), ("node-id", "two"), ("cluster-id", "xyz"), ("cluster-id", "10c0ffee00c0ffee0"),
        ("cluster-members", "1=a:1,2=b:2,2=c:3"), ("cluster-members", "1=a:1,2=a:1"), ("cluster-members", "1=a:1,"),
        ("cluster-members", "2"), ("cluster-members", "2=b:0"), ("cluster-listen", "here"), ("cluster-joining", "yes"),
        ("cluster-peers", "4=c"), ("cluster-members", "1=a:1;2=b:2"),
    ])
    func invalid(name: String, value: String) async throws {
        let error = await #expect(throws: NodeConfiguration.Invalid.self) { _ = try await read([name: value]) }
        #expect(error?.setting.name == name && error?.value == value)
    }

    @Test("go together, and each that is missing is named", arguments: [
        "cluster-id", "cluster-listen", "cluster-certificate", "cluster-key", "cluster-authority",
        "cluster-secret-file",
    ])
    func missing(name: String) async throws {
        await #expect(throws: NodeConfiguration.ClusterUnclear.missing(name)) { _ = try await read([name: ""]) }
        await #expect(throws: NodeConfiguration.ClusterUnclear.alone(name)) {
            _ = try await read([name: "1"], to: Self.alone)
        }
    }

    @Test("name the node among the founders, unless it joins")
    func strangers() async throws {
        let stranger = await #expect(throws: NodeConfiguration.ClusterUnclear.self) {
            _ = try await read(["node-id": "4"])
        }
        #expect("\(try #require(stranger))".contains("does not name node 4"))
        let founder = await #expect(throws: NodeConfiguration.ClusterUnclear.self) {
            _ = try await read(["cluster-joining": "on"])
        }
        #expect("\(try #require(founder))".contains("names node 2"))
    }

    @Test("can name the first administrator, with the file of the password")
    func administrator() async throws {
        let both = ["first-administrator": "a@example.com", "first-administrator-password-file": "/p"]
        let configuration = try await read(both, to: Self.alone)
        #expect(configuration.firstAdministrator == .init(email: EmailAddress("a@example.com")!, passwordFile: "/p"))
        for name in both.keys {
            await #expect(throws: NodeConfiguration.ClusterUnclear.administratorIncomplete) {
                _ = try await read(both.merging([name: ""]) { $1 }, to: Self.alone)
            }
        }
        await #expect(throws: NodeConfiguration.Invalid.self) {
            _ = try await read(both.merging(["first-administrator": "a"]) { $1 }, to: Self.alone)
        }
    }
}
