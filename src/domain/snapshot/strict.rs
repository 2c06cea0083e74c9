//! Reads an object from an object only, and a choice from a word only.
//!
//! Invariants: what a format writes as an object is never read from a list by the place of its values, which derived
//! readers would do: a column too many must not become another quantity. What was expected is said in words of JSON.

/// Makes the derived reader of an object, or of a choice between words, a strict one: `#[serde(remote = "Self")]` hands
/// it over under its own name.
macro_rules! strict {
    ($(object $object:ident)* $(choice $choice:ident)*) => {
        $(
            $crate::domain::snapshot::strict::strict!(@reader $object, deserialize_map, |f| f.write_str("an object"), {
                fn visit_map<A: serde::de::MapAccess<'de>>(self, map: A) -> Result<$object, A::Error> {
                    $object::deserialize(serde::de::value::MapAccessDeserializer::new(map))
                }
            });
        )*
        $(
            $crate::domain::snapshot::strict::strict!(@reader $choice, deserialize_str, |f| f.write_str(&words()), {
                fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<$choice, E> {
                    let word = serde::de::value::StrDeserializer::<E>::new(text);
                    $choice::deserialize(word).map_err(|_| E::custom(format_args!("not {}: {text:?}", words())))
                }
            }, {
                /// The derived reader knows them, and names them to whom gives it none.
                fn words() -> String {
                    let none = serde::de::value::StrDeserializer::<serde::de::value::Error>::new("");
                    let answer = $choice::deserialize(none).map_or_else(|error| error.to_string(), |_| String::new());
                    answer.rsplit("expected ").next().unwrap_or_default().replace('`', "")
                }
            });
        )*
    };
    (@reader $name:ident, $method:ident, |$f:ident| $expecting:expr, {$($visit:tt)*} $(, {$($before:tt)*})?) => {
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Strict;

                $($($before)*)?

                impl<'de> serde::de::Visitor<'de> for Strict {
                    type Value = $name;

                    fn expecting(&self, $f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        $expecting
                    }

                    $($visit)*
                }

                deserializer.$method(Strict)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                Self::serialize(self, serializer)
            }
        }
    };
}
pub(in crate::domain) use strict;
