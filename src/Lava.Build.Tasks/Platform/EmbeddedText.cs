namespace Lava.Build.Platform;

/// <summary>Text files that the assembly carries.</summary>
internal static class EmbeddedText
{
    /// <summary>The text of the resource <paramref name="name"/>, which must be there.</summary>
    internal static string Read(string name)
    {
        using Stream stream = typeof(EmbeddedText).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"The assembly has no resource '{name}'.");
        using StreamReader reader = new(stream);
        return reader.ReadToEnd();
    }
}
