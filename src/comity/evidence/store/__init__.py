"""The SQL of evidence: items, custody lines, requests, releases, parcels. Bytes of exhibits lie in the vault.

What an item or a request says in words is sealed under the caller's data key (AES-256-GCM); the associated data is
``evidence|<table>|<row>``, so that a blob moved to another row does not open. Custody lines are kept as signed.
"""

from comity.evidence.store.items import append_line as append_line
from comity.evidence.store.items import count_items as count_items
from comity.evidence.store.items import entries_of as entries_of
from comity.evidence.store.items import exhibit_taken as exhibit_taken
from comity.evidence.store.items import insert_item as insert_item
from comity.evidence.store.items import item_exists as item_exists
from comity.evidence.store.items import item_row as item_row
from comity.evidence.store.items import item_rows as item_rows
from comity.evidence.store.items import items_named as items_named
from comity.evidence.store.items import lines as lines
from comity.evidence.store.items import open_item as open_item
from comity.evidence.store.items import same_container as same_container
from comity.evidence.store.items import set_entry as set_entry
from comity.evidence.store.items import set_standing as set_standing
from comity.evidence.store.listing import listed as listed
from comity.evidence.store.packages import arrived as arrived
from comity.evidence.store.packages import due_releases as due_releases
from comity.evidence.store.packages import find_parcel as find_parcel
from comity.evidence.store.packages import find_release as find_release
from comity.evidence.store.packages import insert_parcel as insert_parcel
from comity.evidence.store.packages import insert_release as insert_release
from comity.evidence.store.packages import mark_offered as mark_offered
from comity.evidence.store.packages import parcel_exists as parcel_exists
from comity.evidence.store.packages import parcels as parcels
from comity.evidence.store.packages import proposed as proposed
from comity.evidence.store.packages import release_exists as release_exists
from comity.evidence.store.packages import releases as releases
from comity.evidence.store.packages import update_parcel as update_parcel
from comity.evidence.store.packages import update_release as update_release
from comity.evidence.store.requests import count_open as count_open
from comity.evidence.store.requests import count_requests as count_requests
from comity.evidence.store.requests import insert_request as insert_request
from comity.evidence.store.requests import open_request as open_request
from comity.evidence.store.requests import request_exists as request_exists
from comity.evidence.store.requests import request_in as request_in
from comity.evidence.store.requests import request_row as request_row
from comity.evidence.store.requests import request_rows as request_rows
from comity.evidence.store.requests import set_request_message as set_request_message
from comity.evidence.store.requests import update_request as update_request
from comity.evidence.store.tables import custody_table as custody_table
from comity.evidence.store.tables import item_table as item_table
from comity.evidence.store.tables import parcel_table as parcel_table
from comity.evidence.store.tables import release_table as release_table
from comity.evidence.store.tables import request_table as request_table
from comity.evidence.store.tables import unknown as unknown
