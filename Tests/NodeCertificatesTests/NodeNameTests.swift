import NodeCertificates
import Testing

@Suite("Names of nodes")
struct NodeNameTests {
    @Test("a name has no underscore")
    func noUnderscore() { #expect(!NodeName.ofNode(3).contains("_")) }
}
