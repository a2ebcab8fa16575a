import EventSourcing
import Testing

@testable import CatalogueSearch

@Suite struct HostileTextTests {
    private let index: CatalogueIndex

    init() async throws {
        index = try await .holding([
            .sample(
                "near", "Near AND Far OR Not", description: "title:near \"quoted\" NUL \0 after", brand: "B\0b",
                category: ["C\0", "\u{1f}"]),
            .sample("drop", "Robert'); DROP TABLE product;--"),
            .sample("mixed", "Ünïcödé 東京 Москва straße İstanbul"),
        ])
    }

    @Test(arguments: [
        "\"", "\"\"\"", "*", "near*", "NEAR(a b, 3)", "NEAR", "AND", "a AND", "OR OR", "NOT near", "-near", "^near",
        "title:near",
        "title : near", "{title brand} : near", "(near", "near)", "near +far", "\0", "near\0far", "🦊🦊", "a:b:c", ":",
        "'", "';--",
        "\\", "%", "_", "\u{202e}near", "\u{feff}near", "\u{301}\u{301}", "e\u{301}\u{302}\u{303}", "\u{10ffff}",
        "\r\n", "words_of",
    ])
    func syntaxIsText(text: String) async throws {
        for sort in CatalogueQuery.Sort.allCases {
            _ = try await index.search(CatalogueQuery(text: text, sort: sort, wantsFacets: true))
        }
        _ = try await index.suggest(text)
        _ = try await index.search(
            CatalogueQuery(category: [text], brands: [text], price: .init(currency: text), sku: text))
    }

    @Test func operatorsAreWordsThatCanBeFound() async throws {
        #expect(try await index.ids("NEAR and \"far") == ["near"])
        #expect(try await index.ids("'); DROP TABLE") == ["drop"])
        #expect(try await index.ids("москва") == ["mixed"])
        #expect(try await index.ids("unicode") == ["mixed"])
        #expect(try await index.ids("after") == ["near"])
        #expect(try await index.ids(CatalogueQuery(brands: ["B\0b"])) == ["near"])
        #expect(try await index.ids(CatalogueQuery(brands: ["B"])) == [])
    }

    @Test func ofLongTextOnlyTheBeginningCounts() async throws {
        #expect(try await index.ids("near " + String(repeating: "*:\"", count: 5_000) + "missing") == ["near"])
        #expect(try await index.ids(String(repeating: "near ", count: 2_000) + "missing") == ["near"])
        #expect(try await index.ids(String(repeating: "é", count: 10_000)) == [])
        #expect(try await index.ids(String(repeating: "near far ", count: 6) + "missing") == ["near"])
        #expect(try await index.ids(String(repeating: "near far ", count: 5) + "missing") == [])
    }

    @Test(arguments: 0..<8)
    func randomTextIsNeverAnError(seed: UInt64) async throws {
        var generator = SeededGenerator(seed: seed)
        let pieces = [
            "\"", "*", "NEAR", "(", ")", "-", ":", "^", "+", "\0", "🦊", "title", "near", "é", "東", " ", "AND", "'", "{",
            "}", ",",
        ]
        for _ in 0..<40 {
            var text = ""
            for _ in 0..<Int.random(in: 0...30, using: &generator) {
                if Bool.random(using: &generator) {
                    text += pieces.randomElement(using: &generator)!
                } else if let scalar = Unicode.Scalar(UInt32.random(in: 0...0x1ffff, using: &generator)) {
                    text.unicodeScalars.append(scalar)
                }
            }
            let query = CatalogueQuery(
                text: text, sort: CatalogueQuery.Sort.allCases.randomElement(using: &generator)!, limit: 1)
            _ = try await index.search(query)
            _ = try await index.suggest(text)
            let titled = CatalogueDocument.sample(
                "random", text, description: text, brand: text, category: [text, text])
            try await index.apply([.product(titled)], through: LogIndex(1))
            _ = try await index.allPages(CatalogueQuery(brands: [text], sort: .title, limit: 1))
            #expect(try await index.search(CatalogueQuery(sku: "RANDOM")).total == .exactly(1))
        }
    }
}
