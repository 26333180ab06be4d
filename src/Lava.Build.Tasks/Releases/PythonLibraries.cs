namespace Lava.Build.Releases;

/// <summary>
/// The files for <c>lib/pythonX.Y/site-packages</c> of a release by which Python finds the release's shared libraries.
/// </summary>
internal static class PythonLibraries
{
    private static readonly string[] Files = ["_lava_libraries.py", "_lava_libraries.pth"];

    /// <summary>The files' names and texts.</summary>
    /// <param name="libraries">Paths relative to the release, each after those it depends on.</param>
    internal static IReadOnlyDictionary<string, string> All(IReadOnlyCollection<string> libraries) =>
        Files.ToDictionary(
            file => file,
            file => TextTemplate.Fill(
                TemplateResources.Read(file), name => name == "Libraries" ? ShellQuoting.PythonList(libraries) : null, file),
            StringComparer.Ordinal);
}
