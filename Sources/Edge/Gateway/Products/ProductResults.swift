import Catalogue
import Commerce
import HTTPTypes
import Hummingbird

extension Response {
    /// - Parameter forms: the products of the request, malformed ones too, which the step has not seen.
    init(_ answer: ProductsAnswer, of forms: [Result<ProductForm, FieldErrors>]) {
        switch answer {
        case .done(let outcomes, let isRepeated):
            var json = JSONWriter(capacity: 64 + 80 * forms.count)
            var rest = outcomes[...]
            json.object { json in
                json.array("results") { json in
                    for (position, form) in forms.enumerated() {
                        let below = "/products/\(position)"
                        switch form {
                        case .failure(let errors): json.result(errors.problem, at: below)
                        case .success: rest.popFirst()?.write(to: &json, below: below)
                        }
                    }
                }
            }
            self.init(headers: isRepeated ? [.idempotentReplayed: "true"] : [:], json: json)
        case .document(let text):
            var json = JSONWriter(capacity: text.count)
            json.raw(text)
            self.init(headers: [.idempotentReplayed: "true"], json: json)
        }
    }
}

extension ProductOutcome {
    fileprivate func write(to json: inout JSONWriter, below pointer: String) {
        switch self {
        case .created(let id):
            json.object { json in
                json.field("status", 201)
                json.field("id", id)
            }
        case .refused(let refusal): json.result(refusal.problem, at: pointer)
        }
    }
}
