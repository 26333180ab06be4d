using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Lava.Build.Tests.Fuzzing;

/// <summary>Changes that leave JSON what it is: members are lost, doubled, or get another value.</summary>
internal static class JsonMutations
{
    private static readonly JsonSerializerOptions Readable =
        new() { WriteIndented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly string[] Values =
    [
        "null", "0", "1", "-1", "1.5", "2147483648", "9223372036854775808", "true", "[]", "{}", "[null]", "[[]]", "[\"\"]", "{\"\": \"\"}", "{\"a\": null}",
        "\"\"", "\"0\"", "\"7\"", "\"-1\"", "\"99999999999\"", "\"stop, restart\"", "\"9999-12-31T23:59:59-14:00\"", "\"\\u0000\"", "\"\\u001b[2J\"",
    ];

    internal static byte[] Mutate(Random random, byte[] input, byte[] other)
    {
        if (random.Next(3) == 0)
        {
            return ByteMutations.Apply(random, input, other);
        }

        try
        {
            JsonNode? root = JsonNode.Parse(input);
            JsonNode[] containers = [.. Containers(root)];
            if (containers.Length > 0)
            {
                Change(random, ByteMutations.One(random, containers));
                return ByteMutations.Limit(Encoding.UTF8.GetBytes(root!.ToJsonString(Readable) + "\n"));
            }
        }
        catch (Exception failure) when (failure is JsonException or ArgumentException or InvalidOperationException)
        {
            // It was none before.
        }

        return ByteMutations.Apply(random, input, other);
    }

    private static IEnumerable<JsonNode> Containers(JsonNode? node) => node switch
    {
        JsonObject { Count: > 0 } map => map.SelectMany(pair => Containers(pair.Value)).Append(map),
        JsonArray { Count: > 0 } list => list.SelectMany(Containers).Append(list),
        _ => [],
    };

    private static void Change(Random random, JsonNode container)
    {
        int how = random.Next(4);
        JsonNode? value = random.Next(5) == 0 ? JsonValue.Create(HostileTexts.Name(random)) : JsonNode.Parse(ByteMutations.One(random, Values));
        if (container is JsonObject map)
        {
            string name = ByteMutations.One(random, [.. map.Select(pair => pair.Key)]);
            JsonNode? old = map[name]?.DeepClone();
            if (how is 0 or 3)
            {
                map.Remove(name);
            }

            map[how == 3 ? HostileTexts.Name(random) : name] = how == 3 ? old : value;
            if (how == 0)
            {
                map.Remove(name);
            }
        }
        else if (container is JsonArray list)
        {
            int at = random.Next(list.Count);
            JsonNode? old = list[at]?.DeepClone();
            if (how is 0 or 1)
            {
                list.RemoveAt(at);
            }

            if (how > 0)
            {
                list.Insert(at, how == 3 ? old : value);
            }
        }
    }
}
