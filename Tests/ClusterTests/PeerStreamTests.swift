import Cluster
import Testing

@Suite("Streams between nodes")
struct PeerStreamTests {
    @Test("each has a number of its own")
    func numbers() { #expect(Set(PeerStream.allCases.map(\.rawValue)).count == PeerStream.allCases.count) }
}
