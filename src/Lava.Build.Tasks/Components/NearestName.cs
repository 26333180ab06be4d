namespace Lava.Build.Components;

/// <summary>Finds what somebody probably meant.</summary>
public static class NearestName
{
    /// <summary>The candidate with the fewest edits (Levenshtein, without regard to case) from <paramref name="name"/>.</summary>
    public static string Among(IEnumerable<string> candidates, string name) =>
        candidates.MinBy(candidate => Distance(candidate.ToUpperInvariant(), name.ToUpperInvariant())) ?? "";

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
