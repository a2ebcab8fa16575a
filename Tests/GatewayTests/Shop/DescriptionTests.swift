import Commerce
import Foundation
import HTTPTypes
import Schema
import Testing

@testable import Gateway

@Suite("The API's description")
struct DescriptionTests {
    @Test("what is documented is what is answered")
    func agreement() async throws {
        try await ShopFixture.run(shards: 1) { fixture in
            let documented = try Set(Description().statuses.keys.map { "\($0.method) \($0.path)" })
            let registered = Set(fixture.routes)
            #expect(documented.subtracting(registered) == [], "documented, but not there")
            #expect(registered.subtracting(documented) == [], "there, but not documented")
            #expect(documented.count > 40)
        }
    }

    @Test("every status is described by itself, and every kind of problem where its status is")
    func problems() throws {
        let description = try Description()
        for (operation, statuses) in description.statuses {
            #expect(statuses.allSatisfy { Int($0) != nil }, "\(operation.method) \(operation.path): \(statuses)")
            #expect(statuses.isSuperset(of: ["400", "408", "412", "414", "431", "500", "501", "503"]), "\(operation)")
        }
        let answers = description.answers.values.joined()
        for code in ProblemCode.allCases {
            #expect(answers.contains("`\(code.rawValue)`"), "\(code.rawValue)")
        }
    }

    @Test("the header fields that pages may read are described")
    func fields() throws {
        let description = try Description()
        for name in CORSConfiguration().exposedHeaders + ["Allow", "traceparent", "WWW-Authenticate"] {
            #expect(description.describes(field: name), "\(name)")
        }
        #expect(!description.describes(field: "X-Unheard-Of"))
    }

    @Test("where an answer may be 304, the other one is described with the tag that is asked by")
    func tags() throws {
        let description = try Description()
        let conditional = description.statuses.filter { $0.value.contains("304") }.keys
        #expect(conditional.count > 5)
        for operation in conditional {
            #expect(description.describes(field: "ETag", of: operation, status: "200"), "\(operation)")
        }
    }

    @Test("the currencies are those of which the minor unit is known")
    func currencies() throws {
        let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
        let codes = letters.flatMap { one in letters.flatMap { two in letters.map { "\(one)\(two)\($0)" } } }
        #expect(try Description().currencies == Set(codes.filter { Currency(listed: $0) != nil }))
    }

    @Test("the countries are those that an address takes")
    func countries() throws {
        let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
        let codes = letters.flatMap { one in letters.map { "\(one)\($0)" } }
        #expect(try Description().countries == Set(codes.filter(Country.isListed)))
    }

    @Test("the types of events are those of the registry, and the table says what each has")
    func events() throws {
        var names = PublicNames()
        Registry.visit(&names)
        let description = try Description()
        #expect(description.eventTypes == names.found)
        #expect(description.describedEvents == names.found)
    }

    private struct PublicNames: RegistryVisitor {
        var found: Set<String> = []
        mutating func visit<A: RetailAggregate>(_: A.Type) { found.formUnion(A.PublicName.allCases.map(\.rawValue)) }
    }

    @Test("the description is served")
    func served() async throws {
        try await ShopFixture.run(shards: 1) { fixture in
            let response = try await fixture.client.execute(uri: "/openapi.yaml", method: .get)
            #expect(response.status == .ok && response.headers[.contentType] == "application/yaml")
        }
    }
}
