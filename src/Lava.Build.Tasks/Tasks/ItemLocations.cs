using System.Xml;
using System.Xml.Linq;
using Lava.Build.Diagnostics;
using Microsoft.Build.Framework;

namespace Lava.Build.Tasks;

/// <summary>Finds the lines that items are written on; MSBuild tells a task only their file.</summary>
internal sealed class ItemLocations(string projectFile)
{
    private readonly Dictionary<string, Dictionary<(string Type, string Name), Queue<SourceLocation>>> _files = new(StringComparer.Ordinal);

    internal SourceLocation Of(string itemType, ITaskItem item)
    {
        string file = item.GetMetadata("DefiningProjectFullPath");
        if (file.Length == 0)
        {
            return new SourceLocation(projectFile);
        }

        if (!_files.TryGetValue(file, out Dictionary<(string, string), Queue<SourceLocation>>? items))
        {
            items = Read(file);
            _files.Add(file, items);
        }

        if (!items.TryGetValue((itemType, item.ItemSpec), out Queue<SourceLocation>? places))
        {
            return new SourceLocation(file);
        }

        // Items of one name come in the order in which they are written.
        return places.Count > 1 ? places.Dequeue() : places.Peek();
    }

    private static Dictionary<(string Type, string Name), Queue<SourceLocation>> Read(string file)
    {
        Dictionary<(string, string), Queue<SourceLocation>> items = [];
        XDocument document;
        try
        {
            document = XDocument.Load(file, LoadOptions.SetLineInfo);
        }
        catch (Exception failure) when (failure is XmlException or IOException or UnauthorizedAccessException)
        {
            // It was changed or removed since MSBuild read it; a message without a line is better than none.
            return items;
        }

        foreach (XElement element in document.Descendants())
        {
            if (element.Attribute("Include") is { } include)
            {
                IXmlLineInfo line = element;
                foreach (string name in include.Value.Split(';', StringSplitOptions.TrimEntries))
                {
                    if (!items.TryGetValue((element.Name.LocalName, name), out Queue<SourceLocation>? places))
                    {
                        items.Add((element.Name.LocalName, name), places = new Queue<SourceLocation>());
                    }

                    places.Enqueue(new SourceLocation(file, line.LineNumber, line.LinePosition));
                }
            }
        }

        return items;
    }
}
