using Lava.Build.Platform;
using Microsoft.Build.Framework;

namespace Lava.Build.Tasks;

/// <summary>Keeps what the targets know of the last build, below <c>obj</c>; what the file system refuses there is told as elsewhere.</summary>
[MSBuildMultiThreadableTask]
public sealed class RecordLavaState : LavaTask
{
    /// <summary>Where the files are; made if missing.</summary>
    [Required]
    public string Directory { get; set; } = "";

    /// <summary>The names of files to delete first, with wildcards, or empty.</summary>
    public string Earlier { get; set; } = "";

    /// <summary>The name of a file to write, or empty. One that has the text already keeps its time.</summary>
    public string File { get; set; } = "";

    /// <summary>Its text, to which a newline is added.</summary>
    public string Text { get; set; } = "";

    /// <summary>The name of an empty file to make, or empty.</summary>
    public string Stamp { get; set; } = "";

    /// <inheritdoc/>
    protected override Task RunAsync(CancellationToken cancellation)
    {
        string directory = Absolute(Directory);
        System.IO.Directory.CreateDirectory(directory);
        AtomicFile.DeleteLeftovers(directory);
        if (Earlier.Length > 0)
        {
            // Files only: a directory in the place of one goes when that is written.
            foreach (string path in System.IO.Directory.GetFiles(directory, Earlier))
            {
                System.IO.File.Delete(path);
            }
        }

        if (File.Length > 0)
        {
            Write(Path.Combine(directory, File), Text.TrimEnd('\n') + "\n");
        }

        if (Stamp.Length > 0)
        {
            // Last, because it says that all the rest is done. What it says after a power loss that took the rest is seen by its name.
            string path = Path.Combine(directory, Stamp);
            FileTree.Delete(path);
            System.IO.File.WriteAllBytes(path, []);
        }

        return Task.CompletedTask;
    }

    private static void Write(string path, string text)
    {
        if (!System.IO.File.Exists(path) || System.IO.File.ReadAllText(path) != text)
        {
            FileTree.Delete(path);
            AtomicFile.Write(path, text, AtomicFile.PublicMode);
        }
    }
}
