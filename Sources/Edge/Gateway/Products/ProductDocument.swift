import ActorSystem
import Catalogue
import Commerce
import EventSourcing
import NIOCore
import Schema
import Steps

/// A product as clients see it, rendered once for each version.
struct ProductDocument: Sendable {
    let id: ProductID
    /// Whether customers see it.
    let isActive: Bool
    let tag: EntityTag
    /// JSON text.
    let body: ByteBuffer

    /// Nil for a product that was never created.
    init?(_ product: Versioned<Product>) {
        guard let details = product.state.details else { return nil }
        id = product.state.id
        isActive = details.isActive
        let revision = ProductRevision(details)
        tag = EntityTag(opaque: "\(revision)-\(product.version)")
        var json = JSONWriter(capacity: 512 + details.description.utf8.count + 128 * details.variants.count)
        json.object { json in
            json.field("id", product.state.id)
            details.write(to: &json)
            json.field("units_sold", Int64(clamping: product.state.unitsSold))
            json.field("created_at", product.state.createdAt)
            json.field("updated_at", product.state.updatedAt)
            json.field("version", Int64(clamping: product.version))
        }
        body = ByteBuffer(bytes: json.bytes)
    }
}

extension Product.Details {
    /// Writes the members that people decide on.
    func write(to json: inout JSONWriter) {
        json.field("title", title)
        json.field("description", description)
        json.field("brand", brand)
        json.field("category", category)
        attributes.write(to: &json)
        json.array("image_urls") { json in for url in imageURLs { json.value(url) } }
        json.field("active", isActive)
        json.array("variants") { json in
            for variant in variants {
                json.object { json in
                    json.field("sku", variant.sku.description)
                    json.field("title", variant.title)
                    variant.attributes.write(to: &json)
                    json.field("price", variant.price)
                }
            }
        }
    }
}

extension [ProductAttribute] {
    fileprivate func write(to json: inout JSONWriter) {
        json.object("attributes") { json in
            for attribute in self {
                json.key(escaping: attribute.name)
                json.value(attribute.value)
            }
        }
    }
}
