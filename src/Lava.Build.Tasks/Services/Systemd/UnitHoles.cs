namespace Lava.Build.Services.Systemd;

/// <summary>Fills the holes that units have in a release, with what only the instance's place decides.</summary>
internal static class UnitHoles
{
    /// <summary>Directories that the release leads to, and that units would not see otherwise.</summary>
    private const string OutsideHole = "@{OutsideDirectories}";

    /// <summary>A unit's text in the instance at <paramref name="root"/>.</summary>
    /// <param name="text">The text in the release.</param>
    /// <param name="root">The instance's absolute directory.</param>
    /// <param name="outside">Absolute directories outside of it that are to be seen.</param>
    internal static string Fill(string text, string root, IReadOnlyList<string> outside)
    {
        string directories = string.Join(' ', outside.Select(directory => $"\"-{UnitText.Quoted(directory)}\""));
        RunHoles place = new(UnitText.Quoted(root), UnitText.Quoted($"{root}/code/current"));
        IEnumerable<string> lines = text.Split('\n').Select(line =>
            line.Contains(OutsideHole, StringComparison.Ordinal)
                ? place.Fill(line.Replace(OutsideHole, "", StringComparison.Ordinal)).TrimEnd() + (directories.Length > 0 ? $" {directories}" : "")
                : place.Fill(line));
        return string.Join('\n', lines);
    }
}
