namespace Lava.Build.Platform;

/// <summary>Whole directories.</summary>
internal static class FileTree
{
    /// <summary>Deletes a directory of ours with everything in it, following no link; one that is not there is no failure.</summary>
    internal static void Delete(string directory)
    {
        if (Directory.Exists(directory))
        {
            Directory.Delete(directory, recursive: true);
        }
    }
}
