using System.Text;
using Lava.Build.Platform;
using Microsoft.Build.Framework;

namespace Lava.Build.Tasks;

/// <summary>Keeps what the targets know of the last build, below <c>obj</c>; what the file system refuses there is told as elsewhere.</summary>
[MSBuildMultiThreadableTask]
public sealed class RecordLavaState : LavaTask
{
    /// <summary>The file to write if its text differs, or empty.</summary>
    public string File { get; set; } = "";

    /// <summary>Its text, to which a newline is added.</summary>
    public string Text { get; set; } = "";

    /// <summary>A file that is made, or gets the time of now, or empty.</summary>
    public string Stamp { get; set; } = "";

    /// <summary>Files to delete.</summary>
    public ITaskItem[] Forget { get; set; } = [];

    /// <inheritdoc/>
    protected override async Task RunAsync(CancellationToken cancellation)
    {
        foreach (ITaskItem item in Forget)
        {
            string path = Absolute(item.ItemSpec);
            if (System.IO.File.Exists(path))
            {
                System.IO.File.Delete(path);
            }
        }

        if (File.Length > 0)
        {
            await WriteAsync(Absolute(File), Text.TrimEnd('\n') + "\n", cancellation);
        }

        if (Stamp.Length > 0)
        {
            await WriteAsync(Absolute(Stamp), "", cancellation);
        }
    }

    private static async Task WriteAsync(string path, string text, CancellationToken cancellation)
    {
        // Only what differs: its time is what other targets go by. A stamp is made for its time.
        if (text.Length > 0 && System.IO.File.Exists(path) && await System.IO.File.ReadAllTextAsync(path, cancellation) == text)
        {
            return;
        }

        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await AtomicFile.WriteAsync(path, Encoding.UTF8.GetBytes(text), AtomicFile.PublicMode, cancellation);
    }
}
