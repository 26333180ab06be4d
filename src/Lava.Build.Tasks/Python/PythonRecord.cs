using System.Globalization;
using Lava.Build.Platform;

namespace Lava.Build.Python;

/// <summary>
/// What interpreters said of themselves, so that each is asked once and not by every task of every build: a file in the cache for
/// each, named by its path, size and time.
/// </summary>
/// <param name="directory">The directory of the answers; it may be missing, and be deleted at any time.</param>
public sealed class PythonRecord(string directory)
{
    /// <summary>The answer of the program at <paramref name="path"/>, if it is the one that was asked.</summary>
    internal PythonInterpreter? Find(string path)
    {
        string answer = PathFor(path);
        return File.Exists(answer) ? PythonInterpreter.Parse(File.ReadAllText(answer)) : null;
    }

    /// <summary>Keeps an answer. One that a script gave, which may ask another interpreter next time, is not kept.</summary>
    internal void Keep(string path, PythonInterpreter interpreter)
    {
        if (Resolve(path) != interpreter.Executable)
        {
            return;
        }

        try
        {
            Directory.CreateDirectory(directory, FileTree.PrivateMode);
            AtomicFile.DeleteLeftovers(directory);
            AtomicFile.Write(PathFor(path), interpreter.ToText(), AtomicFile.PublicMode);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // A cache may be read-only or full. Asking again costs little.
        }
    }

    private static string Resolve(string path) => File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path;

    private string PathFor(string path)
    {
        string program = Resolve(path);
        FileInfo file = new(program);
        return Path.Combine(directory, Hashing.OfText(string.Create(CultureInfo.InvariantCulture, $"{program}\n{file.Length}\n{file.LastWriteTimeUtc.Ticks}\n")));
    }
}
