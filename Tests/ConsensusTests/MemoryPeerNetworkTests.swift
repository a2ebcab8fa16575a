import Consensus
import ConsensusTesting
import Testing

@Suite("The network in memory")
struct MemoryPeerNetworkTests {
    @Test("does what every network has to do")
    func suite() async throws {
        try await PeerNetworkSuite<MemoryPeerNetwork> {
            let links = MemoryLinks()
            return .init(endpoint: { links.endpoint($0) }, setCut: links.setCut, settle: { links.deliver() })
        }.runAll()
    }
}
