import Consensus
import Foundation
import Logging
import Synchronization
import Testing

@testable import cloudretail

@Suite("What a node knows of where the others listen", .timeLimit(.minutes(10)))
final class MemberBookTests {
    private typealias Address = NodeConfiguration.SocketAddress

    /// What the links were told last.
    private final class Told: Sendable {
        let content = Mutex((addresses: [NodeID: Address](), removed: Set<NodeID>()))
    }

    private let directory = FileManager.default.temporaryDirectory.appending(path: "book-\(UUID())").path
    private let exclusion = ExclusionNotice(logger: Logger(label: "book"))
    private let told = Told()

    init() throws { try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true) }
    deinit { try? FileManager.default.removeItem(atPath: directory) }

    private func membership(_ joined: String = "") -> ClusterMembership {
        ClusterMembership(
            node: NodeID(1), cluster: 7, founders: ClusterMembership.founders("1=a:1,2=b:2,3=c:3")!,
            joined: ClusterMembership.members(joined) ?? [], listen: Address("a:1")!,
            certificate: .init(certificate: "", key: ""), authority: "", secretFile: "", isJoining: false)
    }

    private func open(_ membership: ClusterMembership) throws -> MemberBook {
        try MemberBook(
            file: directory + "/members.json", of: membership, exclusion: exclusion
        ) { [told] addresses, removed in
            told.content.withLock { $0 = (addresses, removed) }
        }
    }

    private func line(_ node: UInt64, _ address: String?) -> MemberBook.Line {
        MemberBook.Line(node: NodeID(node), entry: address.flatMap { Address($0) }.map { .address($0) } ?? .removed)
    }

    @Test("is what the configuration says, until others tell more; a restart still knows it")
    func restart() throws {
        let book = try open(membership())
        #expect(!book.isExtended && told.content.withLock { $0.addresses.count } == 3)
        book.take([line(4, "d:4"), line(2, nil)])
        #expect(book.isExtended && book.node(at: Address("d:4")!) == NodeID(4))
        for book in [book, try open(membership())] {
            #expect(book.lines == [line(1, "a:1"), line(2, nil), line(3, "c:3"), line(4, "d:4")])
            told.content.withLock { told in
                #expect(told.addresses.keys.sorted() == [NodeID(1), NodeID(3), NodeID(4)])
                #expect(told.removed == [NodeID(2)])
            }
        }
    }

    @Test("keeps what it knows: an address of the configuration is the newest, and a node that has left stays away")
    func kept() throws {
        let book = try open(membership())
        book.take([line(4, "d:4"), line(2, nil)])
        book.take([line(4, "e:5"), line(2, "b:2"), line(3, "f:6")])
        #expect(book.lines == [line(1, "a:1"), line(2, nil), line(3, "c:3"), line(4, "d:4")])
        #expect(try open(membership("4=g:7")).lines.last == line(4, "g:7"))
    }

    @Test("ends a node that has left")
    func own() async throws {
        let book = try open(membership())
        book.take([line(1, nil)])
        try await exclusion.run()
    }

    @Test("is refused when its file is another one's")
    func damaged() throws {
        try Data("{}".utf8).write(to: URL(fileURLWithPath: directory + "/members.json"))
        #expect(throws: MemberBook.Unreadable.self) { try open(membership()) }
    }
}
