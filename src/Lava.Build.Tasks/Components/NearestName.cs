namespace Lava.Build.Components;

/// <summary>Finds what somebody probably meant.</summary>
public static class NearestName
{
    /// <summary>A sentence, with a blank before it, that suggests the nearest candidate, or lists them all where none is near.</summary>
    public static string Advice(IReadOnlyCollection<string> candidates, string name) =>
        Among(candidates, name) is { } nearest ? $" Did you mean '{nearest}'?" : $" Known: {string.Join(", ", candidates)}.";

    /// <summary>The candidate with the fewest edits (Levenshtein, without regard to case) from <paramref name="name"/>; null if none is near.</summary>
    public static string? Among(IEnumerable<string> candidates, string name) => Among(candidates, name, Math.Max(2, name.Length / 3));

    /// <summary>The candidate with the fewest edits from <paramref name="name"/>; null if none has at most <paramref name="most"/>.</summary>
    public static string? Among(IEnumerable<string> candidates, string name, int most)
    {
        string? nearest = candidates.MinBy(candidate => Edits(candidate, name));
        int edits = nearest is null ? 0 : Edits(nearest, name);
        // Names that share no letter are not near, however short they are.
        return nearest is not null && edits <= most && edits < Math.Max(nearest.Length, name.Length) ? nearest : null;
    }

    private static int Edits(string candidate, string name) => Distance(candidate.ToUpperInvariant(), name.ToUpperInvariant());

    private static int Distance(string left, string right)
    {
        int[] row = [.. Enumerable.Range(0, right.Length + 1)];
        for (int i = 1; i <= left.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= right.Length; j++)
            {
                int substituted = diagonal + (left[i - 1] == right[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(substituted, 1 + Math.Min(row[j], row[j - 1]));
            }
        }

        return row[right.Length];
    }
}
